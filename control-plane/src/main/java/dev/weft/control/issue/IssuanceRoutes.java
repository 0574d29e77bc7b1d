package dev.weft.control.issue;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/certificates}: a certificate for a request and a join token, or, over mTLS, the
 * renewal of the caller's own. Whose certificate it is the token says, or the one before it; never
 * the request.
 */
public final class IssuanceRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(IssuanceRoutes.class);
  private static final long LARGEST_REQUEST = 16_384;

  private final Vertx vertx;
  private final CertificateAuthority authority;
  private final JoinTokens tokens;

  public IssuanceRoutes(Vertx vertx, CertificateAuthority authority, JoinTokens tokens) {
    this.vertx = vertx;
    this.authority = authority;
    this.tokens = tokens;
  }

  public void mount(Router router) {
    router
        .post("/v1/certificates")
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST_REQUEST))
        .handler(this::issue);
  }

  private void issue(RoutingContext context) {
    JsonObject body = context.body().asJsonObject();
    if (body == null || body.getString("csr") == null) {
      refuse(context, 400, "the body has no csr");
      return;
    }
    Optional<SpiffeId> caller = caller(context.request(), authority.trustDomain());
    vertx
        .executeBlocking(() -> issued(body, caller))
        .onSuccess(answer -> context.json(answer))
        .onFailure(
            cause -> {
              boolean known =
                  cause instanceof JoinTokens.Refused || cause instanceof GeneralSecurityException;
              LOG.warn(
                  "no certificate for {}: {}",
                  context.request().remoteAddress(),
                  cause.getMessage());
              refuse(
                  context,
                  known ? 403 : 500,
                  known ? String.valueOf(cause.getMessage()) : "the authority failed");
            });
  }

  private JsonObject issued(JsonObject body, Optional<SpiffeId> caller)
      throws IOException, GeneralSecurityException, JoinTokens.Refused {
    String token = body.getString("token");
    SpiffeId id;
    if (token != null) {
      String[] account = tokens.redeem(token).split("/", 2);
      id = new SpiffeId(authority.trustDomain(), account[0], account[1]);
    } else {
      id =
          caller.orElseThrow(
              () -> new GeneralSecurityException("neither a join token nor a certificate"));
    }
    X509Certificate leaf = authority.issue(body.getString("csr"), id);
    LOG.info("certificate {} for {}", leaf.getSerialNumber().toString(16), id);
    return new JsonObject()
        .put("certificates", Pem.certificates(List.of(leaf)))
        .put("roots", Pem.certificates(List.of(authority.root())));
  }

  /** Whom a caller's verified certificate names; empty where it showed none. */
  public static Optional<SpiffeId> caller(HttpServerRequest request, String trustDomain) {
    try {
      return request.connection().peerCertificates().stream()
          .findFirst()
          .map(X509Certificate.class::cast)
          .map(leaf -> id(leaf, trustDomain));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private static SpiffeId id(X509Certificate leaf, String trustDomain) {
    try {
      return PeerVerifier.id(leaf, trustDomain);
    } catch (CertificateException e) {
      throw new IllegalStateException("a handshake let a foreign certificate pass", e);
    }
  }

  private static void refuse(RoutingContext context, int status, String why) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(new JsonObject().put("error", why).encode());
  }
}
