package dev.weft.routing.discovery;

import java.util.Locale;
import java.util.Set;

/**
 * What is known of a port's protocol before anybody has spoken.
 *
 * <p>Source: Istio's protocol selection: {@code appProtocol}, else the port's name up to its first
 * dash, else ports that are well known; the list of those is Linkerd's default, and those of the
 * protocols whose server speaks first.
 */
public enum Speech {
  HTTP,
  /** TLS of its own: the name in its handshake may say where it goes, the rest is as below. */
  TLS,
  /** Anything else: its bytes are nobody's business. */
  OPAQUE,
  /** The first bytes tell. */
  UNKNOWN;

  private static final Set<String> SPOKEN =
      Set.of("http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c", "kubernetes.io/ws");
  private static final Set<String> ENCRYPTED = Set.of("tls", "https", "kubernetes.io/wss");
  private static final Set<String> OTHER =
      Set.of(
          "tcp",
          "mongo",
          "mysql",
          "redis",
          "postgres",
          "postgresql",
          "smtp",
          "ftp",
          "ssh",
          "amqp",
          "kafka",
          "memcached",
          "ldap");
  private static final Set<Integer> WELL_KNOWN =
      Set.of(21, 22, 25, 53, 110, 143, 587, 1433, 3306, 4444, 5432, 6379, 9300, 11_211, 27_017);

  /**
   * @param protocol as a resource names it; empty where none does
   * @param port that was meant
   */
  public static Speech of(String protocol, int port) {
    String word = protocol.toLowerCase(Locale.ROOT);
    Speech named = named(word);
    int dash = word.indexOf('-');
    if (named == UNKNOWN && dash > 0) {
      named = named(word.substring(0, dash));
    }
    return named == UNKNOWN && WELL_KNOWN.contains(port) ? OPAQUE : named;
  }

  private static Speech named(String word) {
    if (SPOKEN.contains(word)) {
      return HTTP;
    }
    if (ENCRYPTED.contains(word)) {
      return TLS;
    }
    return OTHER.contains(word) ? OPAQUE : UNKNOWN;
  }
}
