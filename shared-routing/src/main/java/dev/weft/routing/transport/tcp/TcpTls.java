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
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** mTLS of the mesh for connections that are not HTTP. Any thread may ask. */
public final class TcpTls {

  private static final long HANDSHAKE_SECONDS = 10;

  private final IdentityStore identities;
  private final Ticker ticker;
  private final UpstreamCredentials credentials;
  private volatile @Nullable Made made;

  private record Made(WorkloadIdentity identity, SslContext context) {}

  /**
   * @param credentials that say whether a peer is the one that was expected
   */
  public TcpTls(IdentityStore identities, Ticker ticker, UpstreamCredentials credentials) {
    this.identities = identities;
    this.ticker = ticker;
    this.credentials = credentials;
  }

  /**
   * For a new connection.
   *
   * @throws SSLException where this proxy has no certificate (yet), or none that can be used
   */
  public SslHandler handler(UpstreamTls.Mesh tls, ByteBufAllocator buffers) throws SSLException {
    WorkloadIdentity identity =
        identities
            .current()
            .orElseThrow(() -> new SSLException("this proxy has no certificate for it yet"));
    SslHandler handler = context(identity).newHandler(buffers, tls.sni(), 0);
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
    return why.isEmpty() && !Frames.PROTOCOL.equals(handler.applicationProtocol())
        ? Optional.of("its proxy takes HTTP only")
        : why;
  }
}
