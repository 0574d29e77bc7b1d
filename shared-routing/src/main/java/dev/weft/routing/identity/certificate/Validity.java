package dev.weft.routing.identity.certificate;

import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * When a certificate holds: from its begin to its end, with no grace (RFC 5280 section 4.1.2.5).
 */
public final class Validity {

  private Validity() {}

  /**
   * Why it does not hold; empty where it does.
   *
   * @param name of what it is, for the sentence
   */
  public static Optional<String> fault(X509Certificate one, String name, long epochMillis) {
    Instant begin = one.getNotBefore().toInstant();
    Instant end = one.getNotAfter().toInstant();
    if (epochMillis < begin.toEpochMilli()) {
      return Optional.of(name + " begins at " + FileTime.from(begin));
    }
    return epochMillis > end.toEpochMilli()
        ? Optional.of(name + " ended at " + FileTime.from(end))
        : Optional.empty();
  }
}
