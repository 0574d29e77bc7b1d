package dev.weft.routing.listener.connection;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.identity.ForwardedCert;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.identity.PeerVerifier;
import dev.weft.routing.identity.SpiffeId;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** What a handshake proves of a caller. */
public final class Callers {

  private Callers() {}

  /** A proxy of the mesh. */
  public static Caller inside(Caller caller, Handshake settled, PeerIdentity peer) {
    SpiffeId id = peer.id();
    return caller.met(settled, Optional.of(peer.forwarded())).proved(id.toString(), id.namespace());
  }

  /**
   * Somebody outside, whose certificate may name a workload, of whatever mesh: who gives a gateway
   * the authority for it vouches for its names.
   *
   * @param shown the certificate that the server asked for; empty where it did not, or got none
   */
  public static Caller outside(Caller caller, Handshake settled, Optional<X509Certificate> shown) {
    Caller met = caller.met(settled, shown.map(ForwardedCert::element));
    return shown
        .flatMap(PeerVerifier::id)
        .map(id -> met.proved(id.toString(), id.namespace()))
        .orElse(met);
  }
}
