package dev.weft.load;

import java.nio.file.Path;
import java.util.Optional;

/** What a run was asked for, by system properties; {@code ./load-tests/gatling} sets them. */
final class Asked {

  private Asked() {}

  /** Seconds of each phase. */
  static int seconds() {
    return Integer.getInteger("load.seconds", 10);
  }

  /** Arrivals per second. */
  static int rate() {
    return Integer.getInteger("load.rate", 300);
  }

  /** Milliseconds that 99 of 100 answers keep within. */
  static int p99() {
    return Integer.getInteger("load.p99", 1000);
  }

  /** Of 100 requests, how many succeed while an instance dies and returns. */
  static double success() {
    return Integer.getInteger("load.success", 99);
  }

  /** The address of a mesh that runs already, {@code http://HOST:PORT}. */
  static Optional<String> target() {
    return text("load.target");
  }

  /** The project's folder. */
  static Path home() {
    return Path.of(text("load.home").orElse("."));
  }

  static Optional<String> text(String name) {
    return Optional.ofNullable(System.getProperty(name)).filter(text -> !text.isBlank());
  }
}
