package dev.weft.routing.listener.detect;

import java.util.Optional;

/**
 * What the first message of a TLS handshake asks for.
 *
 * @param tls whether there is such a message at all
 * @param name of the server, in lower case; empty text where it asks for none
 */
public record ClientHello(boolean tls, String name) {

  /** It is none. */
  static final ClientHello NONE = new ClientHello(false, "");

  /** The name; empty text where the handshake asks for none, empty where there is no handshake. */
  public Optional<String> serverName() {
    return tls ? Optional.of(name) : Optional.empty();
  }
}
