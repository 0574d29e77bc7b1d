package dev.weft.control.issue;

import dev.weft.control.MeshServer;
import dev.weft.control.RevokedBy;
import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.control.ca.Signing;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A control plane that only issues, on a free port of this machine. */
final class IssuingServer {

  static final String MESH = "cluster.local";
  static final Duration LONG = Duration.ofDays(10);

  private final Vertx vertx;
  private final Path folder;
  private final Ticker ticker;
  private final JoinTokens tokens;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final Optional<TokenReviews> reviews;
  private CertificateAuthority issuing;
  private HttpServer server;
  private int port;

  /**
   * @param folder of its authority
   */
  IssuingServer(Vertx vertx, Path folder, Ticker ticker) throws Exception {
    this(vertx, folder, ticker, Optional.empty());
  }

  /**
   * @param reviews whom it asks about tokens of ServiceAccounts
   */
  IssuingServer(Vertx vertx, Path folder, Ticker ticker, Optional<TokenReviews> reviews)
      throws Exception {
    this.reviews = reviews;
    this.vertx = vertx;
    this.folder = folder;
    this.ticker = ticker;
    this.tokens = new JoinTokens(folder, ticker);
  }

  /**
   * @param life of what it issues
   */
  void open(Duration life) throws Exception {
    WorkloadIdentity own = authority(LONG).own(SpiffeId.control(MESH));
    issuing = authority(life);
    Router router = JsonErrors.router(vertx);
    router
        .route()
        .handler(
            context -> {
              requests.incrementAndGet();
              if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                context.addHeadersEndHandler(done -> context.response().reset());
              }
              context.next();
            });
    Vouching vouching = new Vouching(Optional.of(tokens), reviews);
    Callers callers = new Callers(issuing::roots, issuing::revoked, MESH, ticker);
    new IssuanceRoutes(vertx, issuing, vouching, callers).mount(router);
    server = MeshServer.open(vertx, own, ticker, router);
    port = server.actualPort();
  }

  /** Signs with a root of its own from now on, and trusts no other. */
  Signing changeRoot() throws Exception {
    Signing next = CertificateAuthority.found(ticker);
    issuing.replace(next);
    WorkloadIdentity own = issuing.own(SpiffeId.control(MESH));
    done(server.updateSSLOptions(MeshTls.control(own, ticker)));
    return next;
  }

  /** Takes certificates back, and all that it took back before. */
  void revoke(WorkloadIdentity... those) throws Exception {
    RevokedBy.folder(folder, issuing, ticker, those);
  }

  /** Breaks its next answers off, after their work was done. */
  void lose(int answers) {
    lost.set(answers);
  }

  int port() {
    return port;
  }

  int requests() {
    return requests.get();
  }

  JoinTokens tokens() {
    return tokens;
  }

  CertificateAuthority authority(Duration life) throws Exception {
    return CertificateAuthority.open(folder, MESH, life, ticker);
  }

  /** For two hours. */
  String token() throws Exception {
    String root = Pem.fingerprint(authority(LONG).root());
    return tokens.create("prod/search", Duration.ofHours(2), root);
  }

  static <T> T done(Future<T> future) throws Exception {
    return MeshServer.done(future);
  }
}
