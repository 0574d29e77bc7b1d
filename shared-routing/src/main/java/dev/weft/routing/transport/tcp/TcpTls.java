package dev.weft.routing.transport.tcp;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerFault;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.transport.UpstreamCredentials;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS of connections that are not HTTP: mTLS of the mesh, and what DestinationRules say of those to
 * the outside. Any thread may ask.
 */
public final class TcpTls {

  private static final long HANDSHAKE_SECONDS = 10;

  private final IdentityStore identities;
  private final Ticker ticker;
  private final UpstreamCredentials credentials;
  private final Vertx vertx;
  private volatile @Nullable Made made;

  private record Made(WorkloadIdentity identity, SslContext context) {}

  /**
   * @param credentials that say whether a peer is the one that was expected
   * @param vertx to read files with, off the event loop
   */
  public TcpTls(
      IdentityStore identities, Ticker ticker, UpstreamCredentials credentials, Vertx vertx) {
    this.vertx = vertx;
    this.identities = identities;
    this.ticker = ticker;
    this.credentials = credentials;
  }

  /**
   * For a new connection.
   *
   * @return fails where this proxy has no certificate (yet), or none that can be used; may come
   *     from another thread, where a file had to be read for it
   */
  public Future<SslHandler> handler(UpstreamTls tls, ByteBufAllocator buffers) {
    if (tls instanceof UpstreamTls.Origination outside) {
      return credentials
          .contextFor(outside, vertx)
          .map(context -> limited(context.newHandler(buffers, outside.sni(), 0)));
    }
    Optional<WorkloadIdentity> identity = identities.current();
    if (identity.isEmpty() || !(tls instanceof UpstreamTls.Mesh mesh)) {
      return Future.failedFuture("this proxy has no certificate for it yet");
    }
    try {
      SslContext context = context(identity.get());
      return Future.succeededFuture(limited(context.newHandler(buffers, mesh.sni(), 0)));
    } catch (SSLException e) {
      return Future.failedFuture(e);
    }
  }

  private static SslHandler limited(SslHandler handler) {
    handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    return handler;
  }

  private SslContext context(WorkloadIdentity identity) throws SSLException {
    Made known = made;
    if (known == null || !known.identity.equals(identity)) {
      known = new Made(identity, MeshTls.client(identity, ticker, Frames.PROTOCOL));
      made = known;
    }
    return known.context;
  }

  /** Why a handshake failed, in a sentence; counted and told as of connections for HTTP. */
  public String failed(Endpoint endpoint, Throwable cause) {
    String sentence = PeerFault.sentence(cause);
    credentials.refused(PeerFault.of(cause), "endpoint " + endpoint.address() + ": " + sentence);
    return sentence;
  }

  /** Why the connection cannot be used; empty where it can. To be asked after its handshake. */
  public Optional<String> refusal(Endpoint endpoint, SslHandler handler) {
    Optional<String> why;
    try {
      List<Certificate> shown = List.of(handler.engine().getSession().getPeerCertificates());
      why = credentials.refusal(endpoint.tls(), shown);
    } catch (SSLPeerUnverifiedException e) {
      why = Optional.of("it showed no certificate");
    }
    why.ifPresent(
        sentence ->
            credentials.refused(
                PeerFault.IDENTITY, "endpoint " + endpoint.address() + ": " + sentence));
    boolean mesh = endpoint.tls() instanceof UpstreamTls.Mesh;
    return why.isEmpty() && mesh && !Frames.PROTOCOL.equals(handler.applicationProtocol())
        ? Optional.of("its proxy takes HTTP only")
        : why;
  }
}
