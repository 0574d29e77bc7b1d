package dev.weft.control.webhook;

import dev.weft.config.Trial;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.inject.Injector;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.validate.EditReview;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.WebhookBundle;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.process.HostPort;
import dev.weft.routing.verticle.Listening;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port that the API server asks. Its certificate is our authority's, for the name of the
 * control plane's Service; that the API server trusts our authority is kept right every ten
 * seconds, whoever wrote something else, by the control plane that leads. A certificate under
 * another root is shown only once the API server would trust it.
 *
 * <p>Belongs to one event loop.
 */
public final class Webhook {

  /** The name of the MutatingWebhookConfiguration whose {@code caBundle} is kept. */
  public static final String INJECTOR = "weft-injector";

  /** The name of the ValidatingWebhookConfiguration whose {@code caBundle} is kept. */
  public static final String VALIDATOR = "weft-validator";

  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
  private static final Duration CHECK = Duration.ofSeconds(10);
  private static final int IDLE_SECONDS = 60;
  private static final Set<String> VERSIONS = Set.of("TLSv1.3", "TLSv1.2");

  private final Vertx vertx;
  private final CertificateAuthority authority;
  private final HttpServer server;
  private final WebhookSettings settings;
  private final String name;
  private final Map<String, String> told = new HashMap<>(); // of each configuration, the last
  private List<WebhookBundle> bundles = List.of(); // none until the API server is to trust
  private BooleanSupplier leads = () -> false;
  private X509Certificate root; // that the certificate is under which is shown

  /**
   * @param name of the Service, e.g. {@code weft-control.weft-system.svc}
   */
  Webhook(
      Vertx vertx,
      CertificateAuthority authority,
      WebhookSettings settings,
      String name,
      EditReview review)
      throws GeneralSecurityException {
    this.vertx = vertx;
    this.authority = authority;
    this.settings = settings;
    this.name = name;
    this.root = authority.root();
    Router router = JsonErrors.router(vertx);
    new InjectRoute(new Injector(settings.inject())).mount(router);
    new ValidateRoute(vertx, review).mount(router);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.listen().host())
            .setPort(settings.listen().port())
            .setSsl(true)
            .setUseAlpn(true)
            .setIdleTimeout(IDLE_SECONDS)
            .setKeyCertOptions(certificate())
            .setSslEngineOptions(MeshTls.engine());
    options.setEnabledSecureTransportProtocols(VERSIONS);
    this.server = vertx.createHttpServer(options).requestHandler(router);
  }

  /**
   * Of the Service {@code weft-control} in the namespace of this process, or weft-system.
   *
   * @param trial on which edits are tried
   */
  public static Webhook of(
      Vertx vertx,
      CertificateAuthority authority,
      WebhookSettings settings,
      KubernetesApi api,
      Supplier<Trial> trial)
      throws GeneralSecurityException {
    String namespace = api.ownNamespace().orElse("weft-system");
    EditReview review = new EditReview(trial, api.ownNamespace());
    return new Webhook(vertx, authority, settings, "weft-control." + namespace + ".svc", review);
  }

  /** Takes connections from now on; fails with a sentence. */
  public Future<Void> listen() {
    HostPort listen = settings.listen();
    return server
        .listen()
        .<Void>mapEmpty()
        .recover(
            cause ->
                Future.failedFuture(
                    Listening.refused("--webhook", listen.host(), listen.port(), cause)))
        .onSuccess(open -> LOG.info("webhook of {} on port {}", name, server.actualPort()));
  }

  /** The port that it has. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Has a new certificate from now on; fails where the API server would not trust it yet, or does
   * not tell.
   */
  public Future<Void> renew() {
    X509Certificate next = authority.root();
    if (next.equals(root)) {
      return shown(next);
    }
    String pem = Pem.certificates(List.of(next));
    return keepTrusted()
        .compose(kept -> vertx.executeBlocking(() -> stranger(pem), false))
        .compose(
            stranger ->
                stranger
                    .map(
                        one ->
                            Future.<Void>failedFuture(
                                "caBundle of " + one + " does not hold the new root yet"))
                    .orElseGet(() -> shown(next)));
  }

  /** A configuration by which the API server would not verify what is under the root. */
  private Optional<String> stranger(String pem) {
    return bundles.stream().filter(one -> !one.holds(pem)).map(WebhookBundle::name).findFirst();
  }

  private Future<Void> shown(X509Certificate next) {
    ServerSSLOptions renewed = new ServerSSLOptions();
    try {
      renewed.setKeyCertOptions(certificate());
    } catch (GeneralSecurityException e) {
      return Future.failedFuture(e);
    }
    renewed.setUseAlpn(true);
    renewed.setEnabledSecureTransportProtocols(VERSIONS);
    return server.updateSSLOptions(renewed).<Void>mapEmpty().onSuccess(done -> root = next);
  }

  /**
   * Has the API server trust our authority, now and for as long as this process runs and leads.
   *
   * @param leads whether this process is the one that writes, now
   * @return done after the first try, which may have failed: it is tried again
   */
  public Future<Void> trusted(KubernetesApi api, BooleanSupplier leads) {
    this.leads = leads;
    bundles =
        List.of(WebhookBundle.mutating(api, INJECTOR), WebhookBundle.validating(api, VALIDATOR));
    vertx.setPeriodic(CHECK.toMillis(), tick -> keepTrusted());
    return keepTrusted();
  }

  /** Writes what is not right, where this process leads; what fails is told. */
  public Future<Void> keepTrusted() {
    return leads.getAsBoolean()
        ? Future.all(bundles.stream().map(this::keep).toList()).mapEmpty()
        : Future.succeededFuture();
  }

  private Future<Void> keep(WebhookBundle bundle) {
    String root = Pem.certificates(authority.roots());
    return vertx
        .executeBlocking(() -> bundle.keep(root), false)
        .map(WebhookBundle.Outcome::sentence)
        .otherwise(cause -> "caBundle of " + bundle.name() + ": " + cause.getMessage())
        .map(
            sentence -> {
              if (!sentence.isEmpty() && !sentence.equals(told.get(bundle.name()))) {
                LOG.info("{}", sentence);
              }
              told.put(bundle.name(), sentence);
              return null;
            });
  }

  private PemKeyCertOptions certificate() throws GeneralSecurityException {
    SigningRequest fresh = SigningRequest.create();
    X509Certificate leaf = authority.server(fresh.keys().getPublic(), name);
    String key = Pem.of("PRIVATE KEY", fresh.keys().getPrivate().getEncoded());
    return new PemKeyCertOptions()
        .addKeyValue(Buffer.buffer(key))
        .addCertValue(Buffer.buffer(Pem.certificates(authority.chain(leaf))));
  }
}
