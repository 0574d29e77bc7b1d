package dev.weft.testkit.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** All requests of a run, in the order in which they ended. Thread-safe. */
public final class Tally {

  private static final int MOST_TOLD = 8;

  private final List<Sent> all = new ArrayList<>();

  synchronized void add(Sent sent) {
    all.add(sent);
  }

  public synchronized List<Sent> all() {
    return List.copyOf(all);
  }

  public List<Sent> those(Predicate<Sent> wanted) {
    return all().stream().filter(wanted).toList();
  }

  /** Those that did not succeed. */
  public List<Sent> failed() {
    return those(sent -> !sent.succeeded());
  }

  public int size() {
    return all().size();
  }

  /** Successes among all, 0 to 1; 1 where there were none. */
  public double success() {
    List<Sent> ended = all();
    return ended.isEmpty()
        ? 1
        : (double) ended.stream().filter(Sent::succeeded).count() / ended.size();
  }

  /** How many answers of each status, 0 for those without. */
  public Map<Integer, Long> statuses() {
    return all().stream()
        .collect(Collectors.groupingBy(Sent::status, TreeMap::new, Collectors.counting()));
  }

  /** The time within which that part, 0 to 1, of all ended; zero where there were none. */
  public Duration within(double part) {
    List<Duration> times =
        all().stream().map(Sent::time).sorted(Comparator.naturalOrder()).toList();
    return times.isEmpty()
        ? Duration.ZERO
        : times.get((int) Math.min(times.size() - 1L, Math.round(part * times.size())));
  }

  @Override
  public String toString() {
    String examples =
        failed().stream().limit(MOST_TOLD).map(Sent::toString).collect(Collectors.joining("\n  "));
    return "%d sent, statuses %s, p50 %d ms, p99 %d ms%s"
        .formatted(
            size(),
            statuses(),
            within(0.5).toMillis(),
            within(0.99).toMillis(),
            examples.isEmpty() ? "" : "\n  " + examples);
  }
}
