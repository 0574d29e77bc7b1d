package dev.weft.routing.exchange.failure;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How often each cause ended an exchange without its service's answer. Any thread may enter. */
public final class CauseCounts {

  private final Map<Cause, LongAdder> counts = new EnumMap<>(Cause.class); // never changed

  public CauseCounts() {
    for (Cause cause : Cause.values()) {
      counts.put(cause, new LongAdder());
    }
  }

  public void count(Cause cause) {
    Objects.requireNonNull(counts.get(cause)).increment();
  }

  /** Since the start, by the cause in lower case; those that never were are left out. */
  public Map<String, Long> counts() {
    Map<String, Long> all = new TreeMap<>();
    counts.forEach(
        (cause, count) -> {
          if (count.sum() > 0) {
            all.put(cause.word(), count.sum());
          }
        });
    return all;
  }
}
