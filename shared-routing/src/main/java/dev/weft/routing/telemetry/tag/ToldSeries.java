package dev.weft.routing.telemetry.tag;

import dev.weft.config.model.telemetry.Metric;
import dev.weft.routing.telemetry.tag.TagRules.Labels;
import dev.weft.routing.telemetry.tag.TagRules.Shape;
import dev.weft.routing.telemetry.trace.SeenTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/**
 * The series of one metric as they are told. Counters whose labels become the same are one series,
 * which never falls back: what was added to one of them stays, also when nobody asks for that one
 * any more. It is told until nothing was added for a while.
 *
 * <p>Any thread may scrape, one at a time.
 */
public final class ToldSeries {

  private static final String CODE = "response_code";
  private static final String DESTINATION = "destination"; // who counts what comes in

  private final Metric metric;
  private final Duration idle;
  private final Map<Object, Map<Integer, double[]>> seen = new WeakHashMap<>();
  private final Map<Labels, Sum> sums = new LinkedHashMap<>();
  private TagRules last = TagRules.STANDARD;
  private boolean merging; // whether counters may have the same labels; stays so

  /**
   * @param idle after this without an addition a series is told no more
   */
  public ToldSeries(Metric metric, Duration idle) {
    this.metric = metric;
    this.idle = idle;
    this.merging = !metric.labels().contains(CODE); // those of an edge are of several outcomes
  }

  /**
   * What was counted.
   *
   * @param counter that counts it, the same each time
   * @param outcome which of its numbers
   * @param labels values of the metric's labels, in their order; the first is who counted
   * @param numbers that only grow
   */
  public record Counted(
      Object counter,
      int outcome,
      List<String> labels,
      Tags tags,
      Numbers numbers,
      List<SeenTrace> exemplars) {}

  /**
   * One series.
   *
   * @param names of its labels
   * @param labels their values
   */
  public record Row(
      List<String> names, List<String> labels, Numbers numbers, List<SeenTrace> exemplars) {}

  private static final class Sum {
    private final double[] numbers;
    private final List<SeenTrace> exemplars = new ArrayList<>();
    private long changedNanos;

    Sum(int size, long now) {
      this.numbers = new double[size];
      this.changedNanos = now;
    }
  }

  /**
   * All series.
   *
   * @param now nanoseconds of a clock that does not go back
   */
  public synchronized List<Row> rows(TagRules rules, List<Counted> counted, long now) {
    merging |= counted.stream().anyMatch(one -> !one.tags.expressions().isEmpty());
    if (rules.standard(metric) && !merging) {
      seen.clear();
      sums.clear();
      last = rules;
      return counted.stream().map(this::plain).toList();
    }
    if (!rules.like(last, metric)) {
      sums.clear(); // further series: they begin with what is counted from now on
    }
    last = rules;
    sums.values().forEach(sum -> sum.exemplars.clear());
    List<Row> rows = new ArrayList<>();
    for (Counted one : counted) {
      Optional<Shape> shape = rules.shape(metric, incoming(one.labels));
      if (shape.isEmpty() && !merging) {
        rows.add(plain(one));
      } else if (shape.filter(Shape::disabled).isEmpty()) {
        Labels counts = new Labels(metric.labels(), one.labels);
        Labels told = shape.map(other -> other.of(counts, one.tags)).orElse(counts);
        add(sums.computeIfAbsent(told, any -> new Sum(one.numbers.size(), now)), one, now);
      }
    }
    sums.values().removeIf(sum -> now - sum.changedNanos >= idle.toNanos());
    sums.forEach(
        (labels, sum) ->
            rows.add(
                new Row(
                    labels.names(),
                    labels.values(),
                    Numbers.of(sum.numbers),
                    List.copyOf(sum.exemplars))));
    return rows;
  }

  private Row plain(Counted one) {
    return new Row(metric.labels(), one.labels, one.numbers, one.exemplars);
  }

  private void add(Sum sum, Counted one, long now) {
    double[] before =
        seen.computeIfAbsent(one.counter, any -> new HashMap<>())
            .computeIfAbsent(one.outcome, any -> new double[one.numbers.size()]);
    boolean more = false;
    for (int i = 0; i < before.length; i++) {
      double added = one.numbers.at(i) - before[i];
      sum.numbers[i] += added;
      more |= added != 0;
      before[i] = one.numbers.at(i);
    }
    sum.changedNanos = more ? now : sum.changedNanos;
    sum.exemplars.addAll(one.exemplars);
  }

  /**
   * The same of counters that are never forgotten.
   *
   * @param metric whose labels they have
   */
  public static List<Row> rows(Metric metric, TagRules rules, List<Counted> counted) {
    return new ToldSeries(metric, Duration.ofDays(1)).rows(rules, counted, 0);
  }

  private static boolean incoming(List<String> labels) {
    return labels.get(0).equals(DESTINATION);
  }
}
