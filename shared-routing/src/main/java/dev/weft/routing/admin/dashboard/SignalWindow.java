package dev.weft.routing.admin.dashboard;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.tcp.Carried;
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
 * The golden signals of the last hour, by edge or by rule, and how full upstreams were, in steps of
 * ten seconds. Further back is Prometheus' business.
 *
 * <p>A step holds what changed in it: an edge over which nothing went takes no memory. All steps
 * together take at most the bytes that they were given, and beyond these the oldest go first, so
 * that the window becomes shorter and tells so by its first time.
 *
 * <p>Any thread may enter, but never an event loop: a step of ten thousand edges takes tens of
 * milliseconds.
 *
 * @param <K> what is counted by
 */
final class SignalWindow<K> {

  /** How long a step is. */
  static final Duration STEP = Duration.ofSeconds(10);

  /** Steps that are kept. */
  static final int STEPS = 360;

  private static final int MOST = 10_000; // edges or rules: as many as the signals tell apart
  private static final int STEP_OVERHEAD = 64; // of a step's objects
  private static final double NANOS_IN_A_SECOND = 1e9;

  private final Supplier<Map<K, Golden>> counted;
  private final Supplier<List<Load>> loads;
  private final Ticker ticker;
  private final long mostBytes;
  private final Names<K> keys = new Names<>(MOST);
  private final Names<String> upstreams = new Names<>(MOST);
  private final Deque<Step> steps = new ArrayDeque<>();
  private long bytes;
  private Counted<K> last;
  private Counted<K> before; // the step before, so that what is live spans one step at least

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
   * What came between two moments.
   *
   * @param seconds from 0, not 0
   */
  record Since<K>(double seconds, Map<K, Golden> golden) {}

  /** Hears of steps, the oldest first. */
  interface Reader<K> {
    /**
     * A step, before what it holds.
     *
     * @param epochMillis when it ended
     */
    void step(long epochMillis);

    void golden(K key, Golden golden);

    void load(Load load);
  }

  private record Counted<K>(long nanos, Map<K, Golden> golden) {}

  /** What happened in one step, packed. */
  private static final class Step {

    private final long epochMillis; // when it ended
    private final byte[] golden;
    private final byte[] loads;

    Step(long epochMillis, byte[] golden, byte[] loads) {
      this.epochMillis = epochMillis;
      this.golden = golden;
      this.loads = loads;
    }

    long bytes() {
      return (long) STEP_OVERHEAD + golden.length + loads.length;
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
      Supplier<Map<K, Golden>> counted, Supplier<List<Load>> loads, Ticker ticker, long mostBytes) {
    this.counted = counted;
    this.loads = loads;
    this.ticker = ticker;
    this.mostBytes = mostBytes;
    this.last = new Counted<>(ticker.nanos(), Map.of());
    this.before = last;
  }

  /** Ends a step; to be called every {@link #STEP}. */
  synchronized void step() {
    Counted<K> now = now();
    PackedStep packed = new PackedStep();
    since(last, now.golden)
        .forEach(
            (key, golden) ->
                keys.use(key)
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
      golden(oldest, (number, golden) -> keys.release(number));
      loads(oldest, (number, load) -> upstreams.release(number));
    }
    before = last;
    last = now;
  }

  /**
   * What went over every edge in the last ten to twenty seconds; edges without are there too, but
   * for those of connections alone of which none is open, and none was in this hour.
   */
  synchronized Since<K> live() {
    Map<K, Golden> now = counted.get();
    Map<K, Golden> all = new HashMap<>();
    now.forEach(
        (key, golden) -> {
          Golden came = golden.minus(earlier(before, key));
          Carried carried = golden.carried();
          boolean over =
              golden.requests() == 0
                  && carried.opened() > 0
                  && carried.opened() == carried.closed();
          if (!over || !came.nothing() || keys.known(key)) {
            all.put(key, came);
          }
        });
    double seconds = (ticker.nanos() - before.nanos) / NANOS_IN_A_SECOND;
    return new Since<>(Math.max(seconds, 1e-3), all);
  }

  /** Tells {@code reader} all steps. */
  synchronized void read(Reader<K> reader) {
    for (Step step : steps) {
      reader.step(step.epochMillis);
      golden(
          step, (number, golden) -> keys.name(number).ifPresent(key -> reader.golden(key, golden)));
      loads(step, (number, load) -> reader.load(load));
    }
  }

  /** What the steps take now, in bytes. */
  synchronized long bytes() {
    return bytes;
  }

  /** How many edges or rules have a step. */
  synchronized int keys() {
    return keys.size();
  }

  /**
   * An edge that is idle is not among the readings, but returns to them with its counts: those that
   * it had are kept, unless there are too many.
   */
  private Counted<K> now() {
    Map<K, Golden> all = new HashMap<>(counted.get());
    for (Map.Entry<K, Golden> idle : last.golden.entrySet()) {
      if (all.size() < MOST) {
        all.putIfAbsent(idle.getKey(), idle.getValue());
      }
    }
    return new Counted<>(ticker.nanos(), all);
  }

  private Map<K, Golden> since(Counted<K> earlier, Map<K, Golden> now) {
    Map<K, Golden> changed = new HashMap<>();
    now.forEach(
        (key, golden) -> {
          Golden came = golden.minus(earlier(earlier, key));
          if (!came.nothing()) {
            changed.put(key, came);
          }
        });
    return changed;
  }

  private Golden earlier(Counted<K> counted, K key) {
    return counted.golden.getOrDefault(key, Golden.NONE);
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

  private static void golden(Step step, BiConsumer<Integer, Golden> each) {
    PackedStep packed = new PackedStep(step.golden);
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
