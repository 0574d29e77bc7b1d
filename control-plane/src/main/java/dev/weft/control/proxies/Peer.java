package dev.weft.control.proxies;

import dev.weft.control.ca.AccountSubject;
import dev.weft.kubernetes.trust.TokenReviews.Pod;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * Who a stream is to, as its certificate proves it.
 *
 * @param host from which it came
 * @param port likewise
 * @param pod that its certificate names; empty where it names none
 * @param certified how long the certificate holds that it connected with
 */
public record Peer(SpiffeId id, String host, int port, Optional<String> pod, Certified certified) {

  /** Of a certificate that was verified. */
  public static Peer of(SpiffeId id, X509Certificate leaf, SocketAddress from) {
    return new Peer(
        id,
        String.valueOf(from.hostAddress()),
        from.port(),
        AccountSubject.of(leaf).flatMap(AccountSubject::pod).map(Pod::name),
        Certified.of(leaf));
  }

  /** Where it came from, for people. */
  String address() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Whether that may be the same proxy, come again. */
  boolean again(Peer later) {
    return id.equals(later.id) && pod.equals(later.pod) && host.equals(later.host);
  }

  /** Who it is, for people: its pod where that is known. */
  @Override
  public String toString() {
    return id + pod.map(one -> " (pod " + one + ")").orElse("");
  }
}
