package dev.weft.routing.listener;

import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * mTLS of a sidecar's inbound port with the identity that the workload has now. A new identity is
 * shown from the next handshake on; connections that are there go on.
 */
public final class MeshServerTls implements ServerTls {

  private static final Logger LOG = LoggerFactory.getLogger(MeshServerTls.class);

  private final IdentityStore identities;
  private final Ticker ticker;
  private final IntFunction<Mode> modes;
  private final int port;
  private final Optional<String> beside;
  private volatile @Nullable Made made;

  private record Made(WorkloadIdentity identity, SslContext context) {}

  /**
   * @param modes of the workload's ports, asked at each connection
   * @param port of the workload
   */
  public MeshServerTls(IdentityStore identities, Ticker ticker, IntFunction<Mode> modes, int port) {
    this(identities, ticker, modes, port, Optional.empty());
  }

  /**
   * @param modes of the workload's ports, asked at each connection
   * @param port of the workload
   * @param beside what is taken beside HTTP, by its name for ALPN
   */
  public MeshServerTls(
      IdentityStore identities,
      Ticker ticker,
      IntFunction<Mode> modes,
      int port,
      Optional<String> beside) {
    this.identities = identities;
    this.ticker = ticker;
    this.modes = modes;
    this.port = port;
    this.beside = beside;
  }

  @Override
  public ServerTls at(int other) {
    return new At(this, other);
  }

  @Override
  public boolean takesPlaintext() {
    return modes.apply(port) != Mode.STRICT;
  }

  @Override
  public boolean takesTls() {
    return modes.apply(port) != Mode.DISABLE;
  }

  @Override
  public Future<Optional<Shown>> contextFor(Optional<String> serverName) {
    return Future.succeededFuture(
        identities
            .current()
            .flatMap(this::context)
            .map(context -> new Shown(context, Optional.empty())));
  }

  @Override
  public Revocations revoked() {
    return identities.current().map(WorkloadIdentity::revoked).orElse(Revocations.NONE);
  }

  private Optional<SslContext> context(WorkloadIdentity identity) {
    Made known = made;
    if (known != null && known.identity.equals(identity)) {
      return Optional.of(known.context);
    }
    try {
      SslContext context =
          beside.isEmpty()
              ? MeshTls.server(identity, ticker)
              : MeshTls.server(identity, ticker, beside.get());
      Made fresh = new Made(identity, context);
      made = fresh;
      return Optional.of(fresh.context);
    } catch (SSLException e) {
      LOG.error("the certificate of {} cannot be used: {}", identity.id(), e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public Optional<PeerIdentity> identify(List<Certificate> peer) {
    Optional<WorkloadIdentity> own = identities.current();
    return own.isPresent()
            && peer.get(0) instanceof X509Certificate leaf
            && !own.get().revoked().revokedAny(peer) // since its handshake began
        ? PeerVerifier.identify(leaf, own.get().id().trustDomain(), own.get().id().toString())
        : Optional.empty();
  }

  /** The same certificate at another port of the workload, which may have another mode. */
  private record At(MeshServerTls whole, int port) implements ServerTls {
    @Override
    public boolean takesPlaintext() {
      return whole.modes.apply(port) != Mode.STRICT;
    }

    @Override
    public boolean takesTls() {
      return whole.modes.apply(port) != Mode.DISABLE;
    }

    @Override
    public Future<Optional<Shown>> contextFor(Optional<String> serverName) {
      return whole.contextFor(serverName);
    }

    @Override
    public Revocations revoked() {
      return whole.revoked();
    }

    @Override
    public Optional<PeerIdentity> identify(List<Certificate> peer) {
      return whole.identify(peer);
    }
  }
}
