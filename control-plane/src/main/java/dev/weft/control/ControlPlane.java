package dev.weft.control;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Told;
import dev.weft.config.source.DirectorySource;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.IssuanceRoutes;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.stream.ConfigStreams;
import dev.weft.kubernetes.ConfigMapOpener;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.SourceOpener;
import dev.weft.routing.verticle.Listening;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control plane, wired: authority, issuance, configuration and its stream. */
final class ControlPlane {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final Duration LIFE = Duration.ofHours(24);
  private static final String FOLDER = "dir:";

  private final List<String> sources;
  private final HostPort listen;
  private final Path folder;
  private final String trustDomain;
  private final Ticker ticker = new SystemTicker();
  private final SourceOpener opener = new ConfigMapOpener();
  private final List<AutoCloseable> closing = new ArrayList<>();
  private final ConfigUnits units = new ConfigUnits();
  private final Told told = new Told();
  private @Nullable Vertx vertx;

  ControlPlane(List<String> sources, HostPort listen, Path folder, String trustDomain) {
    this.sources = List.copyOf(sources);
    this.listen = listen;
    this.folder = folder;
    this.trustDomain = trustDomain;
  }

  /** Whether configuration can come from there. */
  static boolean opens(String source) {
    return source.startsWith(FOLDER) || new ConfigMapOpener().opens(source);
  }

  /** Fails with one sentence where it cannot serve. */
  Future<Void> start() {
    Vertx made =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    vertx = made;
    Context context = made.getOrCreateContext();
    Promise<Void> promise = Promise.promise();
    context.runOnContext(now -> begin(made, context).onComplete(promise));
    return promise.future();
  }

  private Future<Void> begin(Vertx made, Context context) {
    try {
      CertificateAuthority authority = CertificateAuthority.open(folder, trustDomain, LIFE, ticker);
      JoinTokens tokens = new JoinTokens(folder, ticker);
      Callers callers = new Callers(trustDomain, ticker);
      ConfigStreams streams = new ConfigStreams(made, callers);
      Consumer<Map<String, List<ConfigDocument>>> changed =
          changes -> context.runOnContext(now -> changed(changes, streams));
      Map<String, List<ConfigDocument>> first = new LinkedHashMap<>();
      for (String source : sources) {
        if (opener.opens(source)) {
          closing.add(opener.open(made, source, changed, ControlPlane::stays));
        } else {
          first.put(source, watched(source, changed));
        }
      }
      if (!first.isEmpty() && !changed(first, streams)) {
        return Future.failedFuture("the configuration has errors (./weft check tells them)");
      }
      Router router = JsonErrors.router(made);
      new IssuanceRoutes(made, authority, tokens, callers).mount(router);
      streams.mount(router);
      return serve(made, authority, router);
    } catch (IOException e) {
      return Future.failedFuture("--ca-dir " + folder + " cannot be used: " + e.getMessage());
    } catch (GeneralSecurityException e) {
      return Future.failedFuture("--ca-dir " + folder + ": " + e.getMessage());
    } catch (IllegalStateException | IllegalArgumentException e) {
      return Future.failedFuture(String.valueOf(e.getMessage()));
    }
  }

  private Future<Void> serve(Vertx made, CertificateAuthority authority, Router router)
      throws GeneralSecurityException {
    ServerSSLOptions tls = MeshTls.control(own(authority), ticker);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(listen.host())
            .setPort(listen.port())
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(tls.getKeyCertOptions())
            .setTrustOptions(tls.getTrustOptions())
            .setClientAuth(tls.getClientAuth())
            .setSslEngineOptions(MeshTls.engine());
    options.setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols());
    HttpServer server = made.createHttpServer(options).requestHandler(router);
    new Renewal(new VertxTimers(made), LIFE.dividedBy(2), () -> renewed(server, authority)).start();
    return server
        .listen()
        .<Void>mapEmpty()
        .recover(
            cause ->
                Future.failedFuture(
                    Listening.refused("--listen", listen.host(), listen.port(), cause)))
        .onSuccess(
            open -> LOG.info("control plane of {} on port {}", trustDomain, server.actualPort()));
  }

  private WorkloadIdentity own(CertificateAuthority authority) throws GeneralSecurityException {
    return authority.own(SpiffeId.control(trustDomain));
  }

  private Future<Void> renewed(HttpServer server, CertificateAuthority authority) {
    try {
      return server.updateSSLOptions(MeshTls.control(own(authority), ticker)).mapEmpty();
    } catch (GeneralSecurityException e) {
      return Future.failedFuture(e);
    }
  }

  /** What a folder has now; changes are told. */
  private List<ConfigDocument> watched(
      String source, Consumer<Map<String, List<ConfigDocument>>> changed) {
    Path path = Path.of(source.substring(FOLDER.length()));
    DirectorySource directory =
        new DirectorySource(
            path, documents -> changed.accept(Map.of(source, documents)), ControlPlane::stays);
    closing.add(directory);
    List<ConfigDocument> first = opened(source, directory);
    directory.start();
    return first;
  }

  private static List<ConfigDocument> opened(String source, DirectorySource directory) {
    try {
      return directory.open();
    } catch (IOException e) {
      throw new IllegalStateException("--config " + source + ": " + e.getMessage(), e);
    }
  }

  private static void stays(String failure) {
    LOG.warn("{}; what was read before stays", failure);
  }

  /** Whether something is published now. */
  private boolean changed(Map<String, List<ConfigDocument>> changes, ConfigStreams streams) {
    ConfigUnits.Outcome outcome = units.change(changes);
    told.news(outcome.problems()).forEach(problem -> LOG.warn("{}", problem));
    if (outcome.refused()) {
      long errors = outcome.problems().stream().filter(Problem::error).count();
      LOG.warn("not applied: {} errors; what was published of it stays", errors);
    }
    outcome
        .config()
        .ifPresent(
            config -> {
              streams.publish(config);
              LOG.info("configuration published to {} proxies", streams.subscribers());
            });
    return outcome.config().isPresent();
  }

  /** Closes the port and all streams; proxies serve on with what they have. */
  Future<Void> stop() {
    for (AutoCloseable source : closing) {
      try {
        source.close();
      } catch (Exception e) {
        LOG.warn("closing: {}", e.getMessage());
      }
    }
    return vertx == null ? Future.succeededFuture() : vertx.close();
  }
}
