package dev.weft.routing.telemetry;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Lets somebody watch requests and connections as they end. While nobody does, it costs each one
 * read of an empty list.
 *
 * <p>Any thread may enter.
 */
public final class Tap {

  private final CopyOnWriteArrayList<Watcher> watchers = new CopyOnWriteArrayList<>();

  /** Whether anybody watches. */
  public boolean watched() {
    return !watchers.isEmpty();
  }

  /**
   * Shows what {@code filter} lets through to {@code sink}, which runs on the event loop of what
   * ended: it must only take the entry, at once, and never fail.
   *
   * @return ends it
   */
  public Runnable watch(Filter filter, Consumer<AccessLine.Entry> sink) {
    Watcher watcher = new Watcher(filter, sink);
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /** Shows what ended to those who watch. */
  public void publish(AccessLine.Entry entry) {
    for (Watcher watcher : watchers) {
      if (watcher.filter().accepts(entry)) {
        watcher.sink().accept(entry);
      }
    }
  }

  /**
   * What is of interest; all conditions together, and each empty text takes all.
   *
   * @param statuses lowest and highest status; what has none is of interest where every one is
   * @param cluster a part of the cluster's name, as {@code ClusterName} writes it
   * @param route a part of the rule's name
   * @param identity a part of the caller's proved identity
   * @param path what it begins with
   * @param nanos that it took at least
   */
  public record Filter(
      Statuses statuses, String cluster, String route, String identity, String path, long nanos) {

    /** Everything. */
    public static final Filter ALL = new Filter(Statuses.ANY, "", "", "", "", 0);

    /** Whether {@code entry} is of interest. */
    public boolean accepts(AccessLine.Entry entry) {
      boolean status =
          entry.status().isPresent()
              ? statuses.include(entry.status().getAsInt())
              : statuses.equals(Statuses.ANY);
      return status
          && entry.durationNanos() >= nanos
          && entry.route().contains(route)
          && entry.path().orElse("").startsWith(path)
          && entry.way().orElse("").contains(cluster)
          && entry.principal().orElse("").contains(identity);
    }
  }

  /** A range of statuses, both ends included. */
  public record Statuses(int lowest, int highest) {

    /** Every status. */
    public static final Statuses ANY = new Statuses(0, 999);

    boolean include(int status) {
      return status >= lowest && status <= highest;
    }

    private static final List<String> CLASSES = Arrays.asList("1xx", "2xx", "3xx", "4xx", "5xx");

    /**
     * Reads {@code 503} or {@code 5xx}.
     *
     * @return empty when it is neither
     */
    public static Optional<Statuses> of(String text) {
      int hundred = CLASSES.indexOf(text) + 1;
      if (hundred > 0) {
        return Optional.of(new Statuses(hundred * 100, hundred * 100 + 99));
      }
      if (text.length() != 3 || !text.chars().allMatch(each -> each >= '0' && each <= '9')) {
        return Optional.empty();
      }
      int one = Integer.parseInt(text);
      return Optional.of(new Statuses(one, one));
    }
  }

  /** Somebody who watches. */
  private record Watcher(Filter filter, Consumer<AccessLine.Entry> sink) {}
}
