package dev.weft.routing.exchange;

import dev.weft.routing.exchange.token.Token;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Who is on the other end of a connection, as far as it was proved. One instance per connection,
 * and one for each request whose token was verified.
 *
 * @param address of the peer's socket, e.g. {@code 10.42.0.2}, or of whom a trusted proxy speaks
 *     for
 * @param peer address of the peer's socket, whoever it speaks for
 * @param port of the peer's socket
 * @param localAddress that the connection was opened to; empty where nobody knows
 * @param localPort that the connection was opened to
 * @param tls whether the connection is encrypted
 * @param handshake of an encrypted connection
 * @param principal the SPIFFE id of a verified certificate
 * @param namespace of that id
 * @param certificate the {@code x-forwarded-client-cert} element of a verified certificate
 * @param workload what a proxy with a verified certificate told of its workload
 * @param destination where the connection was going before the kernel redirected it
 * @param token what was verified for the request under way; of a connection {@link Token#NONE}
 */
public record Caller(
    String address,
    String peer,
    int port,
    String localAddress,
    int localPort,
    boolean tls,
    Handshake handshake,
    Optional<String> principal,
    Optional<String> namespace,
    Optional<String> certificate,
    Optional<PeerWorkload> workload,
    Optional<InetSocketAddress> destination,
    Token token) {

  /** A caller of which nothing is proved. */
  public static Caller anonymous(String address, int port, int localPort, boolean tls) {
    return new Caller(
        address,
        address,
        port,
        "",
        localPort,
        tls,
        Handshake.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Token.NONE);
  }

  /** The same caller, whose connection was going elsewhere. */
  public Caller meaning(InetSocketAddress meant) {
    return new Caller(
        address,
        peer,
        port,
        meant.getAddress().getHostAddress(),
        meant.getPort(),
        tls,
        handshake,
        principal,
        namespace,
        certificate,
        workload,
        Optional.of(meant),
        token);
  }

  /** The same caller, by its connection's handshake, with the certificate that it showed there. */
  public Caller met(Handshake settled, Optional<String> shown) {
    return new Caller(
        address,
        peer,
        port,
        localAddress,
        localPort,
        tls,
        settled,
        principal,
        namespace,
        shown,
        workload,
        destination,
        token);
  }

  /** The same caller, who proved to be a workload. */
  public Caller proved(String id, String within) {
    return new Caller(
        address,
        peer,
        port,
        localAddress,
        localPort,
        tls,
        handshake,
        Optional.of(id),
        Optional.of(within),
        certificate,
        workload,
        destination,
        token);
  }

  /** The same caller, by the address that it came to. */
  public Caller to(String local) {
    return new Caller(
        address,
        peer,
        port,
        local,
        localPort,
        tls,
        handshake,
        principal,
        namespace,
        certificate,
        workload,
        destination,
        token);
  }

  /** The same caller, at another address: that of whom a trusted proxy speaks for. */
  public Caller at(String other) {
    return new Caller(
        other,
        peer,
        port,
        localAddress,
        localPort,
        tls,
        handshake,
        principal,
        namespace,
        certificate,
        workload,
        destination,
        token);
  }

  /** The same caller, who introduced itself. */
  public Caller introduced(PeerWorkload told) {
    return new Caller(
        address,
        peer,
        port,
        localAddress,
        localPort,
        tls,
        handshake,
        principal,
        namespace,
        certificate,
        Optional.of(told),
        destination,
        token);
  }

  /** The same caller, with what its request's token says. */
  public Caller bearing(Token verified) {
    return new Caller(
        address,
        peer,
        port,
        localAddress,
        localPort,
        tls,
        handshake,
        principal,
        namespace,
        certificate,
        workload,
        destination,
        verified);
  }
}
