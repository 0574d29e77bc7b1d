package dev.weft.routing.exchange;

import java.util.Optional;

/**
 * What the TLS handshake of a connection settled, once and for all its requests.
 *
 * @param serverName that the caller sent, in lower case; empty where it sent none
 * @param proof what the server asked the caller to prove; empty where it asked for nothing
 */
public record Handshake(Optional<String> serverName, Optional<String> proof) {

  /** One that says nothing. */
  public static final Handshake NONE = new Handshake(Optional.empty(), Optional.empty());
}
