package dev.weft.control.access;

import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.admin.AdminGuard;
import dev.weft.routing.admin.AdminServer;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.verticle.Listening;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dashboard on a port of its own, behind TLS and whoever {@link Admission} lets in. Token,
 * certificate and key are looked at every ten seconds, and hold anew once they changed; what cannot
 * be read then leaves what was.
 *
 * <p>Belongs to one event loop.
 */
public final class AccessPort {

  private static final Logger LOG = LoggerFactory.getLogger(AccessPort.class);
  private static final long LOOK_MILLIS = 10_000;
  private static final Set<String> VERSIONS = Set.of("TLSv1.3", "TLSv1.2");

  private final Vertx vertx;
  private final AccessSettings settings;
  private final Ticker ticker;
  private List<TokenFile> tokens = List.of();
  private Optional<TlsFiles> files = Optional.empty();

  /** What TLS is made of, as it was read. */
  private record TlsFiles(Buffer certificate, Buffer key, Buffer clients) {}

  /** All that is read from files. */
  private record Read(List<TokenFile> tokens, Optional<TlsFiles> files) {}

  public AccessPort(Vertx vertx, AccessSettings settings, Ticker ticker) {
    this.vertx = vertx;
    this.settings = settings;
    this.ticker = ticker;
  }

  /**
   * Opens it.
   *
   * @param pages what is shown to who is let in
   * @return fails with a sentence where a file cannot be used, or the port is taken
   */
  public Future<Integer> open(Consumer<Router> pages) {
    return vertx.executeBlocking(this::read, false).compose(read -> open(read, pages));
  }

  private Future<Integer> open(Read read, Consumer<Router> pages) {
    take(read);
    String host = settings.listen().host();
    int port = settings.listen().port();
    Future<AdminServer> opened =
        files
            .map(with -> AdminServer.listen(vertx, host, port, router(pages), tls(with)))
            .orElseGet(() -> AdminServer.listen(vertx, host, port, router(pages)));
    return opened
        .recover(cause -> Future.failedFuture(Listening.refused("--dashboard", host, port, cause)))
        .map(
            server -> {
              vertx.setPeriodic(LOOK_MILLIS, look -> look(server));
              String scheme = files.isPresent() ? "https" : "http";
              LOG.info("dashboard on {}://{}:{}/dashboard/", scheme, host, server.port());
              return server.port();
            });
  }

  private Router router(Consumer<Router> pages) {
    Router router = JsonErrors.router(vertx);
    if (!settings.open()) {
      new Admission(() -> tokens, settings, ticker).mount(router);
    }
    router.route().handler(settings.open() ? new AdminGuard(Set.of()) : AdminGuard.anyHost());
    router
        .get("/")
        .handler(
            context ->
                context.response().setStatusCode(303).putHeader("location", "/dashboard/").end());
    pages.accept(router);
    return router;
  }

  private void look(AdminServer server) {
    vertx
        .executeBlocking(this::read, false)
        .onFailure(
            cause -> LOG.warn("dashboard: {}; what was read before holds", cause.getMessage()))
        .onSuccess(
            read -> {
              boolean other = !read.files.equals(files);
              take(read);
              if (other) {
                files.ifPresent(
                    with ->
                        server
                            .renew(tls(with))
                            .onFailure(
                                cause ->
                                    LOG.warn("dashboard: its TLS stays: {}", cause.getMessage())));
              }
            });
  }

  private void take(Read read) {
    tokens = read.tokens;
    files = read.files;
  }

  private Read read() throws IOException {
    try {
      List<TokenFile> told = new ArrayList<>();
      for (AccessSettings.Named one : settings.tokens()) {
        told.add(TokenFile.read(one));
      }
      if (settings.tls().isEmpty()) {
        return new Read(List.copyOf(told), Optional.empty());
      }
      Path folder = settings.tls().get();
      Buffer clients =
          settings.clients().isPresent() ? file(settings.clients().get()) : Buffer.buffer();
      return new Read(
          List.copyOf(told),
          Optional.of(
              new TlsFiles(
                  file(folder.resolve("tls.crt")), file(folder.resolve("tls.key")), clients)));
    } catch (IOException e) {
      throw new IOException("--dashboard: cannot use " + e.getMessage(), e);
    }
  }

  private static Buffer file(Path path) throws IOException {
    return Buffer.buffer(Files.readAllBytes(path));
  }

  private ServerSSLOptions tls(TlsFiles with) {
    ServerSSLOptions options = new ServerSSLOptions();
    options.setEnabledSecureTransportProtocols(VERSIONS);
    options.setKeyCertOptions(
        new PemKeyCertOptions().addCertValue(with.certificate).addKeyValue(with.key));
    if (with.clients.length() > 0) {
      options.setTrustOptions(new PemTrustOptions().addCertValue(with.clients));
      options.setClientAuth(settings.tokens().isEmpty() ? ClientAuth.REQUIRED : ClientAuth.REQUEST);
    }
    return options;
  }
}
