package dev.weft.routing.admin.control;

import dev.weft.routing.admin.AdminServer;
import dev.weft.routing.admin.history.Asker;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API over mTLS, for the control plane's identity and nobody else. It opens once this
 * proxy has an identity, and shows each newer one. Who calls is looked at in the handshake and
 * again for each request, since a connection may outlive the certificate, the root or the list of
 * revoked ones that it was opened under. Whom the control plane asks for is told by it, see {@link
 * Asker#told}; on no other port that is believed.
 *
 * <p>{@link #port} may be asked by any thread.
 */
public final class ControlAdmin {

  private static final Logger LOG = LoggerFactory.getLogger(ControlAdmin.class);

  private final IdentityStore identities;
  private final Ticker ticker;
  private volatile int port;

  public ControlAdmin(IdentityStore identities, Ticker ticker) {
    this.identities = identities;
    this.ticker = ticker;
  }

  /** That is open; 0 for none. */
  public int port() {
    return port;
  }

  /**
   * Opens it.
   *
   * @param wanted 0 for a free one
   * @param pages what it shows and does
   * @return fails where there is no identity, or the port is taken
   */
  public Future<Void> open(Vertx vertx, String host, int wanted, Router pages) {
    if (identities.current().isEmpty()) {
      return Future.failedFuture("--control-admin: this proxy has no identity");
    }
    Router router = Router.router(vertx);
    router.route().handler(this::control);
    router.route("/*").subRouter(pages);
    return AdminServer.listen(
            vertx, host, wanted, router, MeshTls.forControl(identities.current().get(), ticker))
        .onSuccess(
            server -> {
              port = server.port();
              LOG.info("control-admin on https://{}:{}, for the control plane", host, port);
              identities.onChange(next -> renew(server, next));
              identities.current().ifPresent(now -> renew(server, now)); // it may be another by now
            })
        .mapEmpty();
  }

  private void renew(AdminServer server, WorkloadIdentity next) {
    server
        .renew(MeshTls.forControl(next, ticker))
        .onFailure(
            cause -> LOG.error("control-admin shows its old certificate: {}", cause.getMessage()));
  }

  private void control(RoutingContext context) {
    try {
      X509Certificate[] chain =
          context.request().connection().peerCertificates().toArray(new X509Certificate[0]);
      WorkloadIdentity own = identities.current().orElseThrow();
      MeshTls.trusting(own, SpiffeId.control(own.id().trustDomain()), ticker).verified(chain);
      Asker.told(context.request().headers()).ifPresent(asker -> asker.admit(context));
      context.next();
    } catch (CertificateException | SSLPeerUnverifiedException | ArrayStoreException e) {
      LOG.warn("control-admin refused {}: {}", context.request().remoteAddress(), e.getMessage());
      context
          .response()
          .setStatusCode(403)
          .putHeader("content-type", "application/json")
          .end(new JsonObject().put("error", "for the control plane alone").encode());
    }
  }
}
