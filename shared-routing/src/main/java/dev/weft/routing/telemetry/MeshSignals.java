package dev.weft.routing.telemetry;

import dev.weft.config.history.ConfigHistory.Traffic;
import dev.weft.config.model.telemetry.Metric;
import dev.weft.config.model.telemetry.MetricSettings;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.EdgeSignals.Tally;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.tag.Numbers;
import dev.weft.routing.telemetry.tag.TagRules;
import dev.weft.routing.telemetry.tag.ToldSeries.Counted;
import dev.weft.routing.telemetry.trace.SeenTrace;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All signals of a process: the edges that requests are counted on, and the gauges that others
 * supply.
 *
 * <p>An edge is found by its labels, so its counts outlive changes of configuration. One on which
 * nothing happened for a while is told no more; should it be used again, it returns with what it
 * had. One that nobody holds any more is forgotten then.
 *
 * <p>Any thread may enter. {@link #edge} of a known edge is one look-up without a lock.
 */
public final class MeshSignals {

  private static final String CODE = "response_code";

  private final EdgeSignals.Totals totals;
  private final Limits limits;
  private final Ticker ticker;
  private final Map<EdgeLabels, Entry> edges = new ConcurrentHashMap<>();
  private final List<Supply> supplies = new CopyOnWriteArrayList<>();
  private final List<SpreadSupply> spreads = new CopyOnWriteArrayList<>();
  private final LongAdder overflowed = new LongAdder();
  private volatile TagRules rules = TagRules.STANDARD;

  /**
   * @param loops how many event loops count, from 1
   */
  public MeshSignals(int loops, Limits limits, Ticker ticker) {
    this.totals = new EdgeSignals.Totals(loops);
    this.limits = limits;
    this.ticker = ticker;
  }

  /**
   * What bounds the number of series.
   *
   * @param idle after this without a request an edge is told no more
   * @param edges from this many on, callers are not told apart, and from twice as many on nothing
   * @param sizes whether bytes are told too
   */
  public record Limits(Duration idle, int edges, boolean sizes) {
    /** 15 minutes, 10,000 edges, sizes told. */
    public static final Limits DEFAULT = new Limits(Duration.ofMinutes(15), 10_000, true);
  }

  /**
   * What was counted of one edge and outcome so far.
   *
   * @param outcome as {@link Outcome} packs it
   * @param messages of gRPC
   * @param exemplars of durations, at most one for each bucket
   */
  public record Reading(
      EdgeSignals edge,
      int outcome,
      Histogram durationMillis,
      Histogram requestBytes,
      Histogram responseBytes,
      Messages messages,
      List<SeenTrace> exemplars) {

    /** Who called whom. */
    public EdgeLabels labels() {
      return edge.labels();
    }

    /** One of its metrics, with the values of all labels that it has. */
    Counted counted(Metric metric, Numbers numbers) {
      List<String> values = labels().values();
      values.add(Outcome.protocol(outcome));
      if (metric.labels().contains(CODE)) {
        values.add(Integer.toString(Outcome.status(outcome)));
        values.add(Outcome.grpcStatus(outcome));
      }
      values.add(Outcome.flag(outcome));
      boolean timed = metric == Metric.REQUEST_DURATION;
      return new Counted(
          edge, outcome, values, edge.tags(), numbers, timed ? exemplars : List.of());
    }
  }

  /**
   * One value of a gauge or counter.
   *
   * @param labels values in the order of the family's label names
   */
  public record Sample(List<String> labels, double value) {
    public Sample {
      labels = List.copyOf(labels);
    }
  }

  /**
   * One histogram of a family.
   *
   * @param labels values in the order of the family's label names
   */
  public record Spread(List<String> labels, Histogram values) {}

  /**
   * What a gauge or counter is called.
   *
   * @param name from {@link MetricNames}
   * @param help one sentence
   */
  public record Family(String name, String help, List<String> labelNames) {
    public Family {
      labelNames = List.copyOf(labelNames);
    }
  }

  /** The counters of an edge; the same ones for the same labels. */
  public EdgeSignals edge(EdgeLabels labels) {
    Entry entry = edges.get(labels);
    EdgeSignals known = entry == null ? null : entry.edge.get();
    return known != null ? known : added(labels);
  }

  /**
   * Tells a value that goes up and down, asked for at each scrape, on the thread that scrapes.
   *
   * @return takes it back
   */
  public Runnable gauge(Family family, Supplier<List<Sample>> values) {
    return supplied(new Supply(family, false, scrape -> values.get()));
  }

  /**
   * Tells a value that only goes up, asked for at each scrape, on the thread that scrapes.
   *
   * @return takes it back
   */
  public Runnable counter(Family family, Supplier<List<Sample>> values) {
    return counter(family, scrape -> values.get());
  }

  /** The same of values that belong to those of other families. */
  public Runnable counter(Family family, Function<Scrape, List<Sample>> values) {
    return supplied(new Supply(family, true, values));
  }

  /** Tells histograms, asked for at each scrape, on the thread that scrapes. */
  public void histogram(Family family, Function<Scrape, List<Spread>> values) {
    spreads.add(new SpreadSupply(family, values));
  }

  /** Everything counted so far, but for edges that are idle. */
  public synchronized List<Reading> readings() {
    long now = ticker.nanos();
    List<Reading> all = new ArrayList<>();
    edges.values().removeIf(entry -> entry.edge.get() == null);
    for (Entry entry : edges.values()) {
      EdgeSignals edge = entry.edge.get();
      if (edge != null) {
        List<Reading> readings = read(edge);
        for (EdgeSignals tagged : edge.tagged()) {
          List<Reading> more = read(tagged);
          if (tagged.activity().lately(count(more), now, limits.idle())) {
            readings.addAll(more);
          } else {
            edge.forget(tagged);
          }
        }
        if (entry.active(edge, count(readings), now, limits.idle())) {
          all.addAll(readings);
        }
      }
    }
    return all;
  }

  /** What came and how it ended since the process began, whoever called whom. Any thread. */
  public Traffic totals() {
    return totals.now();
  }

  /** What was counted in a series of less detail, since there are as many as are allowed. */
  public Overflow overflow() {
    return new Overflow(overflowed.sum(), totals.overflowed(), totals.untold());
  }

  /**
   * What was not told apart from others, since the process began.
   *
   * @param edges that were asked for, by each event loop
   * @param outcomes requests whose outcome is told by its hundred only
   * @param tags requests whose tags were too many to be told apart
   */
  public record Overflow(long edges, long outcomes, long tags) {}

  /** Has metrics told otherwise from now on. Any thread. */
  public void tell(MetricSettings wanted) {
    rules = new TagRules(wanted);
  }

  /** How metrics are told. */
  TagRules rules() {
    return rules;
  }

  /** The time of {@link EdgeSignals.Activity}. */
  long now() {
    return ticker.nanos();
  }

  /** The gauges and counters that others supply. */
  List<Supply> supplies() {
    return supplies;
  }

  /** What bounds the number of series here. */
  Limits limits() {
    return limits;
  }

  private EdgeSignals added(EdgeLabels labels) {
    EdgeLabels bounded = bounded(labels);
    EdgeSignals fresh = new EdgeSignals(bounded, totals, ticker.nanos());
    Entry winner =
        edges.compute(
            bounded,
            (key, there) -> there != null && there.edge.get() != null ? there : new Entry(fresh));
    EdgeSignals edge = winner.edge.get();
    return edge == null ? fresh : edge;
  }

  private EdgeLabels bounded(EdgeLabels labels) {
    int known = edges.size();
    if (known < limits.edges()) {
      return labels;
    }
    overflowed.increment();
    return known < 2 * limits.edges() ? labels.withoutSource() : labels.overflow();
  }

  private Runnable supplied(Supply supply) {
    supplies.add(supply);
    return () -> supplies.remove(supply);
  }

  private static List<Reading> read(EdgeSignals edge) {
    List<Reading> readings = new ArrayList<>();
    for (Tally tally : edge.merged().values()) {
      readings.add(
          new Reading(
              edge,
              tally.outcome,
              tally.durationMillis(),
              tally.requestBytes(),
              tally.responseBytes(),
              tally.messages(),
              tally.exemplars()));
    }
    return readings;
  }

  private static long count(List<Reading> readings) {
    return readings.stream().mapToLong(reading -> reading.durationMillis().count()).sum();
  }

  /** The histograms that others supply. */
  List<SpreadSupply> spreads() {
    return spreads;
  }

  /**
   * One telling of all families. What several of them are told from is read once in it, so that
   * requests and those of them that failed are of the same moment. For one thread.
   */
  public static final class Scrape {

    private final IdentityHashMap<Supplier<?>, Object> read = new IdentityHashMap<>();

    /** What that supplier gave first in this scrape. */
    @SuppressWarnings("unchecked") // kept by the supplier that gave it
    public <T> T once(Supplier<T> values) {
      return (T) read.computeIfAbsent(values, Supplier::get);
    }
  }

  /** A family of histograms that are asked for at each scrape. */
  record SpreadSupply(Family family, Function<Scrape, List<Spread>> values) {}

  /** A family whose values are asked for at each scrape. */
  record Supply(Family family, boolean counter, Function<Scrape, List<Sample>> values) {}

  /** Keeps an edge alive while it is active; afterwards only its users do. */
  private static final class Entry {

    private final WeakReference<EdgeSignals> edge;
    private @Nullable EdgeSignals held;

    Entry(EdgeSignals edge) {
      this.edge = new WeakReference<>(edge);
      this.held = edge;
    }

    boolean active(EdgeSignals used, long seen, long now, Duration idle) {
      held = used.activity().lately(seen, now, idle) ? used : null;
      return held != null;
    }
  }
}
