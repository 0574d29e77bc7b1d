package dev.weft.control;

import dev.weft.config.Trial;
import dev.weft.control.access.AccessPort;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.catalogue.Catalogue;
import dev.weft.control.dashboard.MeshDashboard;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.IssuanceRoutes;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.status.ApiWriter;
import dev.weft.control.status.StatusWriter;
import dev.weft.control.stream.ConfigStreams;
import dev.weft.control.stream.PeerReports;
import dev.weft.control.stream.Viewers;
import dev.weft.control.webhook.Webhook;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.discovery.ApiServerOpener;
import dev.weft.kubernetes.note.SharedWords;
import dev.weft.kubernetes.trust.PodLabels;
import dev.weft.kubernetes.watch.Pace;
import dev.weft.routing.admin.AdminGuard;
import dev.weft.routing.admin.AdminServer;
import dev.weft.routing.admin.history.HistoryPages;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.process.LastGood;
import dev.weft.routing.process.ProxyCommand;
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
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control plane, wired: authority, issuance, configuration and its stream. */
final class ControlPlane {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final String PEERS = "weft-gateways"; // a Lease that nobody holds
  private static final Duration LIFE = Duration.ofHours(24);
  private static final Duration API_PATIENCE = Duration.ofSeconds(3); // as a proxy connects
  private static final Duration PATIENCE = Duration.ofSeconds(5); // with a silent source

  private final ControlSettings settings;
  private final Pace pace = new Pace(); // of all that watch the API server
  private final Ticker ticker = new SystemTicker();
  private volatile @Nullable Configuration configuration;
  private volatile @Nullable WorkloadIdentity identity; // that it shows now
  private @Nullable Vertx vertx;
  private @Nullable Trust trust;
  private Optional<Catalogue> catalogue = Optional.empty();

  ControlPlane(ControlSettings settings) {
    this.settings = settings;
  }

  /** Whether configuration can come from there. */
  static boolean opens(String source) {
    return Configuration.opens(source, new ApiServerOpener());
  }

  /** Fails with one sentence where it cannot serve. */
  Future<Void> start() {
    Vertx made =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    vertx = made;
    Context context = made.getOrCreateContext();
    Promise<Void> promise = Promise.promise();
    context.runOnContext(now -> begin(made).onComplete(promise));
    return promise.future();
  }

  private Future<Void> begin(Vertx made) {
    return api(made).compose(api -> begin(made, api));
  }

  /** Empty where nothing is to be asked of it. */
  private Future<Optional<KubernetesApi>> api(Vertx made) {
    return settings.asksApiServer()
        ? made.executeBlocking(() -> Optional.of(KubernetesApi.connect(made)))
            .recover(cause -> Future.failedFuture(settings.asking() + ": " + cause.getMessage()))
        : Future.succeededFuture(Optional.empty());
  }

  private Future<Void> begin(Vertx made, Optional<KubernetesApi> api) {
    return Trust.open(made, settings, api, LIFE, ticker)
        .compose(
            opened -> {
              trust = opened;
              Callers callers =
                  new Callers(
                      opened.authority()::roots,
                      opened.authority()::revoked,
                      settings.trustDomain(),
                      ticker);
              ConfigStreams streams =
                  new ConfigStreams(
                      made, callers, new Viewers(made, pods(api), API_PATIENCE), ticker);
              Router router = JsonErrors.router(made);
              new IssuanceRoutes(made, opened.authority(), opened.vouching(), callers)
                  .mount(router);
              streams.mount(router);
              opened.announceOn(streams);
              Readiness readiness = new Readiness();
              readiness.mount(router);
              return configured(made, streams, api, opened)
                  .compose(known -> serve(made, opened, router))
                  .compose(served -> admit(made, opened, api))
                  .compose(admitted -> administered(made, streams, catalogue(made, api)))
                  .onSuccess(all -> readiness.ready());
            })
        .recover(cause -> Future.failedFuture(String.valueOf(cause.getMessage())));
  }

  /** Whose labels count: those that tokens are bound to. */
  private Optional<PodLabels> pods(Optional<KubernetesApi> api) {
    return api.filter(asked -> settings.joinsByApiServer()).map(PodLabels::new);
  }

  private Future<Void> configured(
      Vertx made, ConfigStreams streams, Optional<KubernetesApi> api, Trust opened) {
    StatusWriter statuses =
        new StatusWriter(
            new ApiWriter(made, api),
            new VertxTimers(made),
            ticker,
            opened.leads(),
            streams::version);
    streams.watchTroubles(
        new PeerReports(UUID.randomUUID().toString(), peers(made, api)), statuses::troubled);
    Configuration opening =
        new Configuration(
            made,
            new ApiServerOpener(pace, streams::seen),
            new LastGood(Optional.of(settings.state())),
            PATIENCE,
            config -> {
              streams.publish(config);
              LOG.info("configuration published to {} proxies", streams.subscribers());
              return streams.version();
            },
            statuses::read);
    configuration = opening;
    return opening.open(settings.sources());
  }

  /** Where several serve one mesh, they meet at the API server. */
  private PeerReports.Exchange peers(Vertx made, Optional<KubernetesApi> api) {
    if (api.isEmpty() || settings.secret().isEmpty()) {
      return PeerReports.Exchange.NONE;
    }
    String namespace = settings.secret().get().split("/", 2)[0];
    SharedWords words = new SharedWords(api.get(), namespace, PEERS);
    return changes -> made.executeBlocking(() -> words.exchange(changes), false);
  }

  private Future<Void> serve(Vertx made, Trust opened, Router router) {
    CertificateAuthority authority = opened.authority();
    ServerSSLOptions tls;
    try {
      tls = MeshTls.control(own(authority), ticker);
    } catch (GeneralSecurityException e) {
      return Future.failedFuture("no certificate for itself: " + e.getMessage());
    }
    HostPort listen = settings.listen();
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
    renewing(made, opened, () -> renewed(server, authority));
    return server
        .listen()
        .<Void>mapEmpty()
        .recover(
            cause ->
                Future.failedFuture(
                    Listening.refused("--listen", listen.host(), listen.port(), cause)))
        .onSuccess(
            open ->
                LOG.info(
                    "control plane of {} on port {}", settings.trustDomain(), server.actualPort()));
  }

  private Future<Void> admit(Vertx made, Trust opened, Optional<KubernetesApi> api) {
    if (settings.webhook().isEmpty()) {
      return Future.succeededFuture();
    }
    KubernetesApi asked = api.orElseThrow();
    try {
      Webhook opening =
          Webhook.of(made, opened.authority(), settings.webhook().get(), asked, this::trial);
      renewing(made, opened, opening::renew);
      Context loop = made.getOrCreateContext(); // all that it knows belongs to it
      opened.onLeading(() -> loop.runOnContext(now -> opening.keepTrusted()));
      return opening.listen().compose(open -> opening.trusted(asked, opened.leads()));
    } catch (GeneralSecurityException e) {
      return Future.failedFuture("--webhook: " + e.getMessage());
    }
  }

  /** It is read by people alone: nothing waits for it, and nothing ends with it. */
  private Optional<Catalogue> catalogue(Vertx made, Optional<KubernetesApi> api) {
    catalogue =
        api.filter(asked -> settings.catalogue())
            .map(asked -> new Catalogue(made, asked, pace, System.getenv(), ticker));
    catalogue.ifPresent(
        one ->
            one.open()
                .onFailure(cause -> LOG.warn("--catalogue: not told: {}", cause.getMessage())));
    return catalogue;
  }

  private Future<Void> administered(
      Vertx made, ConfigStreams streams, Optional<Catalogue> services) {
    if (settings.admin().isEmpty() && settings.dashboard().isEmpty()) {
      return Future.succeededFuture();
    }
    MeshDashboard dashboard = dashboard(made, streams);
    HistoryPages history = Objects.requireNonNull(configuration).pages();
    Consumer<Router> pages =
        router -> {
          dashboard.mount(router);
          history.mount(router);
        };
    return admin(made, pages, services).compose(open -> elsewhere(made, pages));
  }

  private Future<Void> admin(Vertx made, Consumer<Router> pages, Optional<Catalogue> services) {
    if (settings.admin().isEmpty()) {
      return Future.succeededFuture();
    }
    HostPort at = settings.admin().get();
    Router router = JsonErrors.router(made);
    router.route().handler(new AdminGuard(Set.of()));
    pages.accept(router);
    services.ifPresent(one -> one.mountAdmin(router));
    return AdminServer.listen(made, at.host(), at.port(), router)
        .<Void>mapEmpty()
        .recover(
            cause ->
                Future.failedFuture(Listening.refused("--admin", at.host(), at.port(), cause)));
  }

  /** Where people reach the dashboard who are not on this machine. */
  private Future<Void> elsewhere(Vertx made, Consumer<Router> pages) {
    return settings
        .dashboard()
        .map(wanted -> new AccessPort(made, wanted, ticker).open(pages).<Void>mapEmpty())
        .orElseGet(Future::succeededFuture);
  }

  private MeshDashboard dashboard(Vertx made, ConfigStreams streams) {
    Configuration known = Objects.requireNonNull(configuration);
    MeshDashboard.Mesh mesh =
        new MeshDashboard.Mesh(
            settings.trustDomain(),
            ProxyCommand.version(),
            streams.proxies(),
            streams::version,
            () -> Objects.requireNonNull(identity),
            known::status,
            known::texts,
            known::serving,
            known.weights());
    MeshDashboard dashboard = new MeshDashboard(made, mesh, ticker);
    dashboard.start();
    return dashboard;
  }

  private Trial trial() {
    Configuration known = configuration;
    return known == null ? Trial.NONE : known.trial();
  }

  private WorkloadIdentity own(CertificateAuthority authority) throws GeneralSecurityException {
    WorkloadIdentity own = authority.own(SpiffeId.control(settings.trustDomain()));
    identity = own;
    return own;
  }

  private Future<Void> renewed(HttpServer server, CertificateAuthority authority) {
    try {
      return server.updateSSLOptions(MeshTls.control(own(authority), ticker)).mapEmpty();
    } catch (GeneralSecurityException e) {
      return Future.failedFuture(e);
    }
  }

  /** At half of its life, and when the authority signs or trusts otherwise. */
  private static void renewing(Vertx made, Trust opened, Supplier<Future<Void>> work) {
    Renewal renewal = new Renewal(new VertxTimers(made), LIFE.dividedBy(2), work);
    renewal.start();
    opened.onChange(renewal::now);
  }

  /** Closes the port and all streams; proxies serve on with what they have. */
  Future<Void> stop() {
    Vertx made = vertx;
    Configuration known = configuration;
    Future<Void> kept = catalogue.map(Catalogue::close).orElseGet(Future::succeededFuture);
    if (known != null) {
      known.close();
      kept = kept.transform(done -> known.flushed());
    }
    Trust last = trust;
    if (made == null || last == null) {
      return made == null ? kept : kept.transform(done -> made.close());
    }
    return kept.transform(done -> made.executeBlocking(() -> closed(last)))
        .transform(done -> made.close());
  }

  private static boolean closed(Trust trust) {
    trust.close();
    return true;
  }
}
