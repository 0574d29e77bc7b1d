package dev.weft.routing.admin.dashboard;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.EdgeLabels;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The golden signals of the last hour, by edge and by upstream, in steps of ten seconds. Further
 * back is Prometheus' business.
 *
 * <p>A step holds what changed in it: an edge over which nothing went takes no memory. All steps
 * together take at most the bytes that they were given, and beyond these the oldest go first, so
 * that the window becomes shorter and tells so by its first time.
 *
 * <p>Any thread may enter, but never an event loop: a step of ten thousand edges takes tens of
 * milliseconds.
 */
final class SignalWindow {

  /** How long a step is. */
  static final Duration STEP = Duration.ofSeconds(10);

  /** Steps that are kept. */
  static final int STEPS = 360;

  private static final int MOST_EDGES = 10_000; // as many as the signals tell apart
  private static final int STEP_OVERHEAD = 64; // of a step's objects
  private static final double NANOS_IN_A_SECOND = 1e9;

  private final Supplier<Map<EdgeLabels, Golden>> counted;
  private final Supplier<List<Load>> loads;
  private final Ticker ticker;
  private final long mostBytes;
  private final Names<EdgeLabels> edges = new Names<>(MOST_EDGES);
  private final Names<String> upstreams = new Names<>(MOST_EDGES);
  private final Deque<Step> steps = new ArrayDeque<>();
  private long bytes;
  private Totals last;
  private Totals before; // the step before, so that what is live spans one step at least

  /**
   * How full an upstream is at a moment.
   *
   * @param upstream its name
   */
  record Load(String upstream, long inFlight, long pending, long connections) {
    private boolean idle() {
      return inFlight == 0 && pending == 0 && connections == 0;
    }
  }

  /**
   * What went over edges between two moments.
   *
   * @param seconds from 0, not 0
   */
  record Since(double seconds, Map<EdgeLabels, Golden> edges) {}

  /** Hears of steps, the oldest first. */
  interface Reader {
    /**
     * A step, before what it holds.
     *
     * @param epochMillis when it ended
     */
    void step(long epochMillis);

    void edge(EdgeLabels labels, Golden golden);

    void load(Load load);
  }

  private record Totals(long nanos, Map<EdgeLabels, Golden> edges) {}

  /** What happened in one step, packed. */
  private static final class Step {

    private final long epochMillis; // when it ended
    private final byte[] edges;
    private final byte[] loads;

    Step(long epochMillis, byte[] edges, byte[] loads) {
      this.epochMillis = epochMillis;
      this.edges = edges;
      this.loads = loads;
    }

    long bytes() {
      return (long) STEP_OVERHEAD + edges.length + loads.length;
    }
  }

  /**
   * Begins with nothing.
   *
   * @param counted so far
   * @param loads of all upstreams now
   * @param mostBytes that the steps take together, from 1
   */
  SignalWindow(
      Supplier<Map<EdgeLabels, Golden>> counted,
      Supplier<List<Load>> loads,
      Ticker ticker,
      long mostBytes) {
    this.counted = counted;
    this.loads = loads;
    this.ticker = ticker;
    this.mostBytes = mostBytes;
    this.last = new Totals(ticker.nanos(), Map.of());
    this.before = last;
  }

  /** Ends a step; to be called every {@link #STEP}. */
  synchronized void step() {
    Totals now = now();
    PackedStep packed = new PackedStep();
    since(last, now.edges)
        .forEach(
            (labels, golden) ->
                edges
                    .use(labels)
                    .ifPresent(
                        number -> {
                          packed.put(number);
                          packed.put(golden);
                        }));
    Step step = new Step(ticker.epochMillis(), packed.packed(), packed(loads.get()));
    steps.add(step);
    bytes += step.bytes();
    while (steps.size() > STEPS || (bytes > mostBytes && steps.size() > 1)) {
      Step oldest = steps.remove();
      bytes -= oldest.bytes();
      edges(oldest, (number, golden) -> edges.release(number));
      loads(oldest, (number, load) -> upstreams.release(number));
    }
    before = last;
    last = now;
  }

  /** What went over every edge in the last ten to twenty seconds; edges without are there too. */
  synchronized Since live() {
    Map<EdgeLabels, Golden> now = counted.get();
    Map<EdgeLabels, Golden> all = new HashMap<>();
    now.forEach((labels, golden) -> all.put(labels, golden.minus(earlier(before, labels))));
    double seconds = (ticker.nanos() - before.nanos) / NANOS_IN_A_SECOND;
    return new Since(Math.max(seconds, 1e-3), all);
  }

  /** Tells {@code reader} all steps. */
  synchronized void read(Reader reader) {
    for (Step step : steps) {
      reader.step(step.epochMillis);
      edges(
          step,
          (number, golden) -> edges.name(number).ifPresent(labels -> reader.edge(labels, golden)));
      loads(step, (number, load) -> reader.load(load));
    }
  }

  /** What the steps take now, in bytes. */
  synchronized long bytes() {
    return bytes;
  }

  /** How many edges have a step. */
  synchronized int edges() {
    return edges.size();
  }

  /**
   * An edge that is idle is not among the readings, but returns to them with its counts: those that
   * it had are kept, unless there are too many.
   */
  private Totals now() {
    Map<EdgeLabels, Golden> all = new HashMap<>(counted.get());
    for (Map.Entry<EdgeLabels, Golden> idle : last.edges.entrySet()) {
      if (all.size() < MOST_EDGES) {
        all.putIfAbsent(idle.getKey(), idle.getValue());
      }
    }
    return new Totals(ticker.nanos(), all);
  }

  private static Map<EdgeLabels, Golden> since(Totals earlier, Map<EdgeLabels, Golden> now) {
    Map<EdgeLabels, Golden> changed = new HashMap<>();
    now.forEach(
        (labels, golden) -> {
          Golden came = golden.minus(earlier(earlier, labels));
          if (came.requests() > 0) {
            changed.put(labels, came);
          }
        });
    return changed;
  }

  private static Golden earlier(Totals totals, EdgeLabels labels) {
    return totals.edges.getOrDefault(labels, Golden.NONE);
  }

  private byte[] packed(List<Load> all) {
    PackedStep packed = new PackedStep();
    for (Load load : all) {
      Optional<Integer> number = load.idle() ? Optional.empty() : upstreams.use(load.upstream);
      if (number.isPresent()) {
        packed.put(number.get());
        packed.put(load.inFlight);
        packed.put(load.pending);
        packed.put(load.connections);
      }
    }
    return packed.packed();
  }

  private static void edges(Step step, BiConsumer<Integer, Golden> each) {
    PackedStep packed = new PackedStep(step.edges);
    while (!packed.ended()) {
      each.accept((int) packed.number(), packed.golden());
    }
  }

  private void loads(Step step, BiConsumer<Integer, Load> each) {
    PackedStep packed = new PackedStep(step.loads);
    while (!packed.ended()) {
      int number = (int) packed.number();
      String name = upstreams.name(number).orElse("");
      each.accept(number, new Load(name, packed.number(), packed.number(), packed.number()));
    }
  }
}
