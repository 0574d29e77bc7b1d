package dev.weft.routing.admin.dashboard;

import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.EdgeLabels.Reporter;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.MeshSignals.Reading;
import dev.weft.routing.telemetry.Outcome;
import dev.weft.routing.telemetry.rule.RuleCounts;
import dev.weft.routing.telemetry.tcp.Carried;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The golden signals of requests: how many, how many failed, how long they took; and what was
 * carried that is not HTTP. Values of different edges can be added up, so that those of a service
 * are exact.
 *
 * @param failed answered with 500 or more, or not at all; of gRPC those whose status blames the
 *     server
 * @param refused answered with 400 to 499
 * @param millis how long all of them took
 * @param carried connections that are not HTTP
 */
public record Golden(long failed, long refused, Histogram millis, Carried carried) {

  /** Nothing. */
  public static final Golden NONE = new Golden(0, 0, Histogram.of(new long[Histogram.BUCKETS], 0));

  /** Requests alone. */
  public Golden(long failed, long refused, Histogram millis) {
    this(failed, refused, millis, Carried.NONE);
  }

  /** Whose requests for which service; empty where the caller is not known. */
  public record Asked(String service, String namespace, String workload) {

    public static Optional<Asked> of(EdgeLabels labels) {
      EdgeLabels.Workload source = labels.source();
      return source.name().equals(EdgeLabels.UNKNOWN)
          ? Optional.empty()
          : Optional.of(new Asked(labels.service().host(), source.namespace(), source.name()));
    }
  }

  /** Everything counted so far, by edge; what source and destination count, once. */
  static Map<EdgeLabels, Golden> of(List<Reading> readings, Map<EdgeLabels, Carried> carried) {
    Map<EdgeLabels, Golden> all = new HashMap<>();
    readings.forEach(reading -> all.merge(reading.labels(), of(reading), Golden::plus));
    carried.forEach((labels, one) -> all.merge(labels, of(one), Golden::plus));
    Set<Asked> bySource = new HashSet<>();
    for (EdgeLabels labels : all.keySet()) {
      if (labels.reporter() == Reporter.SOURCE) {
        Asked.of(labels).ifPresent(bySource::add);
      }
    }
    if (!bySource.isEmpty()) {
      all.keySet()
          .removeIf(
              labels ->
                  labels.reporter() == Reporter.DESTINATION
                      && Asked.of(labels).filter(bySource::contains).isPresent());
    }
    return all;
  }

  /** Everything counted so far, by the rule's name. What was refused is not told apart. */
  public static Map<String, Golden> of(RuleCounts rules) {
    Map<String, Golden> all = new HashMap<>();
    rules
        .requests()
        .forEach(
            (name, totals) ->
                all.put(name, new Golden(totals.count().failed(), 0, totals.millis())));
    rules.connections().forEach((name, count) -> all.merge(name, of(count), Golden::plus));
    return all;
  }

  private static Golden of(Reading reading) {
    long count = reading.durationMillis().count();
    return new Golden(
        Outcome.failed(reading.outcome()) ? count : 0,
        Outcome.refused(reading.outcome()) ? count : 0,
        reading.durationMillis());
  }

  /** Of a rule of connections; how many are over is not told, nor their bytes. */
  private static Golden of(RuleCounts.Count connections) {
    Carried carried = new Carried(connections.requests(), 0, 0, 0);
    return new Golden(connections.failed(), 0, NONE.millis, carried);
  }

  private static Golden of(Carried carried) {
    return new Golden(0, 0, NONE.millis, carried);
  }

  /** Whether there was nothing at all. */
  public boolean nothing() {
    return requests() == 0 && carried.equals(Carried.NONE);
  }

  /** How many requests there were. */
  public long requests() {
    return millis.count();
  }

  /** Of both together. */
  public Golden plus(Golden other) {
    return new Golden(
        failed + other.failed,
        refused + other.refused,
        millis.plus(other.millis),
        carried.plus(other.carried));
  }

  /** What came after {@code earlier}; all of it where the counts began anew. */
  public Golden minus(Golden earlier) {
    boolean anew =
        failed < earlier.failed
            || refused < earlier.refused
            || requests() < earlier.requests()
            || carried.anew(earlier.carried);
    return anew
        ? this
        : new Golden(
            failed - earlier.failed,
            refused - earlier.refused,
            millis.minus(earlier.millis),
            carried.minus(earlier.carried));
  }
}
