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
 * @param socket of the connection
 * @param proof that its peer gave
 * @param token what was verified for the request under way; of a connection {@link Token#NONE}
 */
public record Caller(String address, Socket socket, Proof proof, Token token) {

  /**
   * A connection as this side has it.
   *
   * @param peer address of the peer's socket, whoever it speaks for
   * @param port of the peer's socket
   * @param localAddress that the connection was opened to; empty where nobody knows
   * @param localPort that the connection was opened to
   * @param tls whether the connection is encrypted
   * @param handshake of an encrypted connection
   * @param destination where the connection was going before the kernel redirected it
   */
  public record Socket(
      String peer,
      int port,
      String localAddress,
      int localPort,
      boolean tls,
      Handshake handshake,
      Optional<InetSocketAddress> destination) {}

  /**
   * What a connection's peer proved.
   *
   * @param principal the SPIFFE id of a verified certificate
   * @param namespace of that id
   * @param certificate the {@code x-forwarded-client-cert} element of a verified certificate
   * @param workload what a proxy with a verified certificate told of its workload
   */
  public record Proof(
      Optional<String> principal,
      Optional<String> namespace,
      Optional<String> certificate,
      Optional<PeerWorkload> workload) {

    /** Nothing is proved. */
    public static final Proof NONE =
        new Proof(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A caller of which nothing is proved. */
  public static Caller anonymous(String address, int port, int localPort, boolean tls) {
    Socket socket = new Socket(address, port, "", localPort, tls, Handshake.NONE, Optional.empty());
    return new Caller(address, socket, Proof.NONE, Token.NONE);
  }

  public String peer() {
    return socket.peer;
  }

  public int port() {
    return socket.port;
  }

  public String localAddress() {
    return socket.localAddress;
  }

  public int localPort() {
    return socket.localPort;
  }

  public boolean tls() {
    return socket.tls;
  }

  public Handshake handshake() {
    return socket.handshake;
  }

  public Optional<InetSocketAddress> destination() {
    return socket.destination;
  }

  public Optional<String> principal() {
    return proof.principal;
  }

  public Optional<String> namespace() {
    return proof.namespace;
  }

  public Optional<String> certificate() {
    return proof.certificate;
  }

  public Optional<PeerWorkload> workload() {
    return proof.workload;
  }

  /** The same caller, whose connection was going elsewhere. */
  public Caller meaning(InetSocketAddress meant) {
    String local = meant.getAddress().getHostAddress();
    return over(local, meant.getPort(), socket.handshake, Optional.of(meant));
  }

  /** The same caller, by its connection's handshake, with the certificate that it showed there. */
  public Caller met(Handshake settled, Optional<String> shown) {
    return over(socket.localAddress, socket.localPort, settled, socket.destination)
        .with(new Proof(proof.principal, proof.namespace, shown, proof.workload));
  }

  /** The same caller, who proved to be a workload. */
  public Caller proved(String id, String within) {
    return with(new Proof(Optional.of(id), Optional.of(within), proof.certificate, proof.workload));
  }

  /** The same caller, by the address that it came to. */
  public Caller to(String local) {
    return over(local, socket.localPort, socket.handshake, socket.destination);
  }

  /** The same caller, at another address: that of whom a trusted proxy speaks for. */
  public Caller at(String other) {
    return new Caller(other, socket, proof, token);
  }

  /** The same caller, who introduced itself. */
  public Caller introduced(PeerWorkload told) {
    return with(new Proof(proof.principal, proof.namespace, proof.certificate, Optional.of(told)));
  }

  /** The same caller, with what its request's token says. */
  public Caller bearing(Token verified) {
    return new Caller(address, socket, proof, verified);
  }

  private Caller with(Proof other) {
    return new Caller(address, socket, other, token);
  }

  private Caller over(
      String local, int localPort, Handshake handshake, Optional<InetSocketAddress> meant) {
    Socket other =
        new Socket(socket.peer, socket.port, local, localPort, socket.tls, handshake, meant);
    return new Caller(address, other, proof, token);
  }
}
