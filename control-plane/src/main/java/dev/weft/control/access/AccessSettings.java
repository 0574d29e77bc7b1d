package dev.weft.control.access;

import dev.weft.routing.process.HostPort;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * How the dashboard is opened on a port of its own.
 *
 * @param tls folder with {@code tls.crt} and {@code tls.key}; empty for cleartext
 * @param token file with the token that lets somebody in
 * @param clients certificates in PEM, under one of which a client's lets it in
 */
public record AccessSettings(
    HostPort listen, Optional<Path> tls, Optional<Path> token, Optional<Path> clients) {

  private static final Set<String> LOOPBACKS = Set.of("127.0.0.1", "::1", "localhost");

  /**
   * @throws IllegalArgumentException with a sentence, where others would be let in whom nobody
   *     asked, or would send secrets in cleartext
   */
  public AccessSettings {
    boolean elsewhere = !LOOPBACKS.contains(listen.host());
    if (elsewhere && tls.isEmpty()) {
      throw new IllegalArgumentException(
          "--dashboard " + listen + " (expected: with --dashboard-tls, or a loopback address)");
    }
    if (elsewhere && token.isEmpty() && clients.isEmpty()) {
      throw new IllegalArgumentException(
          "--dashboard "
              + listen
              + " (expected: with --dashboard-token-file or --dashboard-clients, or a loopback"
              + " address)");
    }
    if (clients.isPresent() && tls.isEmpty()) {
      throw new IllegalArgumentException("--dashboard-clients (expected: with --dashboard-tls)");
    }
  }

  /** Whether everybody who reaches the port is let in. */
  boolean open() {
    return token.isEmpty() && clients.isEmpty();
  }
}
