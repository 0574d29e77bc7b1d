package dev.weft.config.model.settings;

import java.net.URI;
import java.time.Duration;

/**
 * Where limits of scope {@code redis} are counted.
 *
 * @param url e.g. {@code redis://redis.infra:6379/0}; empty for none
 * @param passwordFile read whenever a connection is opened; empty for none
 * @param caCertificates of those who may sign its certificate, PEM; empty for the system's
 * @param timeout how long a request waits for its answer
 */
public record Redis(String url, String passwordFile, String caCertificates, Duration timeout) {

  /** How long a request waits unless said. */
  public static final Duration TIMEOUT = Duration.ofMillis(10);

  /** There is none. */
  public static final Redis NONE = new Redis("", "", "", TIMEOUT);

  private static final int PORT = 6379;

  /** Whether there is one. */
  public boolean there() {
    return !url.isEmpty();
  }

  /** Where it is, as may be shown: host and port, or a socket's path. */
  public String address() {
    if (url.isEmpty()) {
      return "";
    }
    URI uri = URI.create(url);
    if (uri.getHost() == null) {
      return uri.getPath();
    }
    return uri.getHost() + ":" + (uri.getPort() < 0 ? PORT : uri.getPort());
  }

  /** Its url may hold a password. */
  @Override
  public String toString() {
    return url.isEmpty() ? "Redis[]" : "Redis[" + address() + ", redacted]";
  }
}
