package dev.weft.testkit.fault;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** A part of what a server does with a request. */
interface Step {

  void take(Wire wire);

  /** How long to wait before the next. */
  default Duration pause() {
    return Duration.ZERO;
  }

  static Step head(int status, String... namesAndValues) {
    Map<String, String> headers =
        namesAndValues.length == 0 ? Map.of() : Map.of(namesAndValues[0], namesAndValues[1]);
    return wire -> wire.head(status, headers);
  }

  static Step body(int bytes) {
    byte[] body = "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII);
    return wire -> wire.body(body);
  }

  static Step whole(int status, int bytes) {
    byte[] body = "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII);
    return wire -> wire.whole(status, body);
  }

  static Step wait(Duration time) {
    return new Step() {
      @Override
      public void take(Wire wire) {
        // nothing is what it does
      }

      @Override
      public Duration pause() {
        return time;
      }
    };
  }
}
