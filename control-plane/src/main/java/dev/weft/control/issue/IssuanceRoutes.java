package dev.weft.control.issue;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.CertificateRequest;
import dev.weft.control.ca.JoinTokens;
import dev.weft.control.issue.Callers.Caller;
import dev.weft.control.issue.Vouching.Vouched;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/certificates}: a certificate for a request and a token, or, over mTLS, the
 * renewal of the caller's own, for which a ServiceAccount's token is asked again where one was
 * shown before: a certificate that was stolen is not renewed once its account or pod is gone. Whose
 * certificate it is says who vouches for the token, or the certificate before it; never the
 * request. Answers 400 where the body or its key cannot be used, 403 where nobody vouches for the
 * caller, 503 with {@code retry-after} where that cannot be told now, each with a sentence.
 */
public final class IssuanceRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(IssuanceRoutes.class);
  private static final long LARGEST_REQUEST = 16_384;
  private static final String RETRY_SECONDS = "2"; // a certificate has half its life left

  private final Vertx vertx;
  private final CertificateAuthority authority;
  private final Vouching vouching;
  private final Callers callers;

  public IssuanceRoutes(
      Vertx vertx, CertificateAuthority authority, Vouching vouching, Callers callers) {
    this.vertx = vertx;
    this.authority = authority;
    this.vouching = vouching;
    this.callers = callers;
  }

  /**
   * @param router of {@link JsonErrors#router}, so that all its refusals are alike
   */
  public void mount(Router router) {
    router
        .post("/v1/certificates")
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST_REQUEST))
        .handler(this::issue);
  }

  /**
   * What was asked for.
   *
   * @param csr PKCS#10 in PEM
   * @param token empty for a renewal that needs none
   */
  private record Wanted(String csr, Optional<String> token) {

    /** Empty where the body is something else. */
    static Optional<Wanted> of(@Nullable Buffer body) {
      try {
        boolean usable =
            body != null
                && Json.decodeValue(body) instanceof JsonObject read
                && read.getValue("csr") instanceof String
                && read.getValue("token", "") instanceof String;
        return usable ? Optional.of(of(new JsonObject(body))) : Optional.empty();
      } catch (DecodeException e) {
        return Optional.empty();
      }
    }

    private static Wanted of(JsonObject body) {
      return new Wanted(body.getString("csr"), Optional.ofNullable(body.getString("token")));
    }
  }

  private void issue(RoutingContext context) {
    Optional<Wanted> wanted = Wanted.of(context.body().buffer());
    if (wanted.isEmpty()) {
      refuse(context, 400, "the body cannot be read (expected: JSON with csr, and token to join)");
      return;
    }
    Optional<Caller> caller;
    try {
      caller = callers.certified(context.request());
    } catch (CertificateException e) {
      refuse(context, 403, String.valueOf(e.getMessage()));
      return;
    }
    vertx
        .executeBlocking(() -> CertificateRequest.provenKey(wanted.get().csr), false)
        .compose(key -> issued(key, wanted.get(), caller))
        .onSuccess(answer -> context.json(answer))
        .onFailure(cause -> failed(context, cause));
  }

  /** The key was looked at before the token is used, so that a bad request costs no token. */
  private Future<JsonObject> issued(PublicKey key, Wanted wanted, Optional<Caller> caller) {
    Future<Vouched> whose =
        wanted
            .token
            .map(token -> vouching.vouched(vertx, token, key))
            .orElseGet(() -> byCertificate(caller));
    return whose.compose(
        vouched -> vertx.executeBlocking(() -> certified(key, vouched, caller), false));
  }

  private Future<Vouched> byCertificate(Optional<Caller> caller) {
    if (caller.isEmpty()) {
      return refused("neither a token nor a certificate");
    }
    SpiffeId id = caller.get().id();
    return vouching.asksForToken(caller.get().leaf())
        ? refused(id + " is renewed with the token of its ServiceAccount only")
        : Future.succeededFuture(
            new Vouched(id.namespace(), id.serviceAccount(), Optional.empty()));
  }

  private static Future<Vouched> refused(String why) {
    return Future.failedFuture(new CertificateException(why));
  }

  private JsonObject certified(PublicKey key, Vouched vouched, Optional<Caller> caller)
      throws GeneralSecurityException {
    SpiffeId id = new SpiffeId(authority.trustDomain(), vouched.namespace(), vouched.name());
    if (caller.filter(before -> !before.id().equals(id)).isPresent()) {
      throw new CertificateException(
          "the token is of " + id + ", but the certificate of " + caller.get().id());
    }
    if (id.equals(SpiffeId.control(authority.trustDomain()))) {
      throw new CertificateException("the control plane's identity is nobody else's");
    }
    X509Certificate leaf = authority.issue(key, id, vouched.account());
    LOG.info("certificate {} for {}", leaf.getSerialNumber().toString(16), id);
    return new JsonObject()
        .put("certificates", Pem.certificates(authority.chain(leaf)))
        .put("roots", Pem.certificates(authority.roots()))
        .put("revoked", authority.revoked().pem());
  }

  private static void failed(RoutingContext context, Throwable cause) {
    if (cause instanceof InvalidKeyException) {
      refuse(context, 400, String.valueOf(cause.getMessage()));
    } else if (cause instanceof JoinTokens.Refused
        || cause instanceof TokenReviews.Refused
        || cause instanceof CertificateException) {
      refuse(context, 403, String.valueOf(cause.getMessage()));
    } else if (cause instanceof KubernetesFailure) {
      context.response().putHeader("retry-after", RETRY_SECONDS);
      refuse(context, 503, String.valueOf(cause.getMessage()));
    } else {
      LOG.error("the authority failed", cause);
      JsonErrors.end(context, 500, "the authority failed");
    }
  }

  private static void refuse(RoutingContext context, int status, String why) {
    LOG.warn("no certificate for {}: {}", context.request().remoteAddress(), why);
    JsonErrors.end(context, status, why);
  }
}
