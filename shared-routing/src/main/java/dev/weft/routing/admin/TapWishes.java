package dev.weft.routing.admin;

import dev.weft.routing.telemetry.Tap.Filter;
import dev.weft.routing.telemetry.Tap.Statuses;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reads what somebody wants to see of requests and connections. */
public final class TapWishes {

  private static final int MOST_LAST = 128;
  private static final int MOST_SAMPLE = 1_000_000;
  private static final int MOST_MILLIS = 86_400_000; // a day

  private TapWishes() {}

  /** What is wrong with the parameters; empty where a proxy takes them. */
  public static Optional<String> refusal(RoutingContext context) {
    try {
      of(context);
      return Optional.empty();
    } catch (IllegalArgumentException wrong) {
      return Optional.of(String.valueOf(wrong.getMessage()));
    }
  }

  /**
   * As the parameters say.
   *
   * @throws IllegalArgumentException with what is expected, where one is none
   */
  static TapStream.Wish of(RoutingContext context) {
    String status = text(context, "status");
    Statuses statuses =
        status.isEmpty() ? Statuses.ANY : Statuses.of(status).orElseThrow(() -> wrong("status"));
    int slower = number(context, "slower", 0, 0, MOST_MILLIS);
    Filter filter =
        new Filter(
            statuses,
            text(context, "cluster"),
            text(context, "route"),
            text(context, "identity"),
            text(context, "path"),
            TimeUnit.MILLISECONDS.toNanos(slower));
    return new TapStream.Wish(
        filter,
        number(context, "last", 0, 0, MOST_LAST),
        number(context, "sample", 1, 1, MOST_SAMPLE));
  }

  private static String text(RoutingContext context, String name) {
    return Parameters.text(context, name).orElse("");
  }

  private static int number(
      RoutingContext context, String name, int otherwise, int lowest, int highest) {
    Optional<String> said = Parameters.text(context, name);
    try {
      int number = said.map(Integer::parseInt).orElse(otherwise);
      if (number >= lowest && number <= highest) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below, as one that is out of range
    }
    throw wrong(name);
  }

  private static IllegalArgumentException wrong(String name) {
    return new IllegalArgumentException(
        name
            + " (expected: status as 503 or 5xx, slower in ms from 0, last from 0 to "
            + MOST_LAST
            + ", sample from 1 to "
            + MOST_SAMPLE
            + ")");
  }
}
