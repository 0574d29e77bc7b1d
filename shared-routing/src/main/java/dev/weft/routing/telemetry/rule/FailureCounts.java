package dev.weft.routing.telemetry.rule;

import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Why requests ended without their service's answer, by rule and service, since the start, with
 * what was told of the last of each. Only requests that failed come here.
 *
 * <p>Any thread may enter, without a lock once a cause was seen. Names come from configuration,
 * never from callers; from {@value #MOST} on, further ones are not counted.
 */
public final class FailureCounts {

  private static final int MOST = 4096;
  private static final int MOST_DETAIL = 300;

  private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

  private record Key(String rule, String service, Cause cause) {}

  /** When the last one was, and what was told of it. */
  private record Last(long epochMillis, String detail) {}

  private static final class Seen {
    private final LongAdder requests = new LongAdder();
    private volatile Last last = new Last(0, "");
  }

  /**
   * What is known of a cause.
   *
   * @param rule name of the rule, {@code -} for none
   * @param service its host, {@code unknown} where no service was reached
   * @param lastMillis when the last one was, in milliseconds since 1970
   * @param detail what was told of that; at most {@value #MOST_DETAIL} characters
   */
  public record Failed(
      String rule, String service, Cause cause, long requests, long lastMillis, String detail) {}

  /** Counts a request that failed. */
  public void count(RouteId rule, String service, ProxyFailure failure, long epochMillis) {
    Key key = new Key(rule.name(), service, failure.reason());
    Seen known = seen.get(key);
    if (known == null) {
      if (seen.size() >= MOST) {
        return;
      }
      known = seen.computeIfAbsent(key, fresh -> new Seen());
    }
    String detail = String.valueOf(failure.getMessage());
    known.last =
        new Last(
            epochMillis, detail.length() > MOST_DETAIL ? detail.substring(0, MOST_DETAIL) : detail);
    known.requests.increment();
  }

  /** Forgets what is known of rules. */
  void forget(Set<String> rules) {
    seen.keySet().removeIf(key -> rules.contains(key.rule));
  }

  /** All, in no order. */
  public List<Failed> counts() {
    List<Failed> all = new ArrayList<>();
    seen.forEach(
        (key, known) -> {
          Last last = known.last;
          all.add(
              new Failed(
                  key.rule,
                  key.service,
                  key.cause,
                  known.requests.sum(),
                  last.epochMillis,
                  last.detail));
        });
    return all;
  }
}
