package dev.weft.testkit.load;

import java.time.Duration;

/**
 * What became of one request.
 *
 * @param status of the answer; 0 where there was no head of an answer
 * @param whole whether all of the answer came
 * @param cause {@code Proxy-Status} of an answer that a proxy made; what broke where none came
 *     whole; empty otherwise
 * @param overloaded whether the answer says {@code x-envoy-overloaded}
 */
public record Sent(
    String id, int status, boolean whole, String cause, boolean overloaded, Duration time) {

  /** Whether there was a whole answer of 200. */
  public boolean succeeded() {
    return status == 200 && whole;
  }
}
