package dev.weft.routing.listener;

import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;

/** How a listener secures its connections. Asked at each new one, so that changes count at once. */
public interface ServerTls {

  /** Whether a connection without TLS is taken. */
  boolean takesPlaintext();

  /** Whether a connection with TLS is taken. */
  default boolean takesTls() {
    return true;
  }

  /** The same for connections that were meant for {@code port} and redirected here. */
  default ServerTls at(int port) {
    return this;
  }

  /** Whom it takes no more, though the handshake may have been before that was known. */
  default Revocations revoked() {
    return Revocations.NONE;
  }

  /**
   * A certificate, and what is asked for in return.
   *
   * @param proof names what the caller must prove; empty where nothing is asked, or where what is
   *     asked is the same at each connection
   * @param http whether HTTP is spoken inside; the rest is carried as it comes
   */
  record Shown(SslContext context, Optional<String> proof, boolean http) {

    /** For HTTP. */
    public Shown(SslContext context, Optional<String> proof) {
      this(context, proof, true);
    }
  }

  /**
   * The certificate to show.
   *
   * @param serverName of the handshake; empty where the caller sent none
   * @return empty to refuse; may come from another thread, where a file had to be read for it
   */
  Future<Optional<Shown>> contextFor(Optional<String> serverName);

  /** Whether an authority may ask now for a proof that a name is this proxy's. */
  default boolean asked() {
    return false;
  }

  /**
   * What such an authority is shown, by TLS-ALPN-01 (RFC 8737).
   *
   * @param serverName in lower case
   */
  default Optional<SslContext> proof(String serverName) {
    return Optional.empty();
  }

  /** Whom the caller's verified certificates name; empty where that is nobody of the mesh. */
  Optional<PeerIdentity> identify(List<Certificate> peer);

  /** Takes plaintext only: TLS is refused. */
  ServerTls NONE =
      new ServerTls() {
        @Override
        public boolean takesPlaintext() {
          return true;
        }

        @Override
        public boolean takesTls() {
          return false;
        }

        @Override
        public Future<Optional<Shown>> contextFor(Optional<String> serverName) {
          return Future.succeededFuture(Optional.empty());
        }

        @Override
        public Optional<PeerIdentity> identify(List<Certificate> peer) {
          return Optional.empty();
        }
      };
}
