package dev.weft.cli.live;

import dev.weft.routing.telemetry.Histogram;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Requests as one proxy's metrics count them, by who asked whom.
 *
 * <p>Source: Istio's standard metrics.
 */
final class Traffic {

  private static final String TOTAL = "istio_requests_total";
  private static final String TOOK = "istio_request_duration_milliseconds";
  private static final String BUCKET = TOOK + "_bucket";
  private static final String SUM = TOOK + "_sum";
  private static final Set<String> NAMES = Set.of(TOTAL, BUCKET, SUM);
  private static final double[] BOUNDS = Histogram.upperBounds();

  private Traffic() {}

  /**
   * Who asked whom.
   *
   * @param service that was asked for
   * @param destination that was reached
   * @param security {@code mutual_tls}, {@code none}, {@code unknown}
   * @param reporter which end counted: {@code source}, {@code destination}
   */
  record Edge(End source, String service, End destination, String security, String reporter)
      implements Comparable<Edge> {

    private static final Comparator<Edge> ORDER =
        Comparator.comparing(Edge::service)
            .thenComparing(edge -> edge.destination.toString())
            .thenComparing(edge -> edge.source.toString())
            .thenComparing(Edge::security)
            .thenComparing(Edge::reporter);

    @Override
    public int compareTo(Edge other) {
      return ORDER.compare(this, other);
    }

    private static Edge of(Series series) {
      return new Edge(
          End.of(series, "source"),
          series.label("destination_service"),
          End.of(series, "destination"),
          series.label("connection_security_policy"),
          series.label("reporter"));
    }
  }

  /**
   * One end.
   *
   * @param workload {@code NAMESPACE/NAME}; {@code unknown} where it is not known
   * @param identity a SPIFFE id; {@code unknown} where none was proved
   */
  record End(String workload, String version, String identity) {

    private static End of(Series series, String side) {
      String name = series.label(side + "_workload");
      String namespace = series.label(side + "_workload_namespace");
      boolean known = !name.equals("unknown") && !name.isEmpty();
      return new End(
          known ? namespace + "/" + name : "unknown",
          series.label(side + "_version"),
          series.label(side + "_principal"));
    }
  }

  /** As the text of one proxy's {@code /metrics} tells it. */
  static Map<Edge, Count> of(String metrics) {
    Map<Edge, double[]> counts = new HashMap<>();
    Map<Edge, long[]> buckets = new HashMap<>();
    for (Series series : Series.of(metrics, NAMES)) {
      Edge edge = Edge.of(series);
      double[] count = counts.computeIfAbsent(edge, fresh -> new double[3]);
      if (series.name().equals(TOTAL)) {
        count[0] += series.value();
        count[1] += failed(series.label("response_code")) ? series.value() : 0;
      } else if (series.name().equals(SUM)) {
        count[2] += series.value();
      } else {
        long[] all = buckets.computeIfAbsent(edge, fresh -> new long[Histogram.BUCKETS]);
        all[bucket(series.label("le"))] += (long) series.value();
      }
    }
    Map<Edge, Count> all = new TreeMap<>();
    counts.forEach(
        (edge, count) -> {
          long[] below = buckets.getOrDefault(edge, new long[Histogram.BUCKETS]);
          for (int i = 1; i < below.length; i++) {
            below[i] = Math.max(below[i], below[i - 1]); // a bucket that is not told is empty
          }
          all.put(edge, new Count(count[0], count[1], Histogram.ofCumulative(below, count[2])));
        });
    return all;
  }

  /** What came after {@code earlier}, of one proxy. */
  static Map<Edge, Count> since(Map<Edge, Count> earlier, Map<Edge, Count> now) {
    Map<Edge, Count> all = new TreeMap<>();
    now.forEach(
        (edge, count) -> all.put(edge, count.minus(earlier.getOrDefault(edge, Count.NONE))));
    return all;
  }

  /** Of several proxies together. */
  static Map<Edge, Count> together(List<Map<Edge, Count>> several) {
    Map<Edge, Count> all = new TreeMap<>();
    several.forEach(one -> one.forEach((edge, count) -> all.merge(edge, count, Count::plus)));
    return all;
  }

  private static boolean failed(String code) {
    return code.startsWith("5") || code.equals("0");
  }

  private static int bucket(String bound) {
    double upper = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
    for (int i = 0; i < BOUNDS.length; i++) {
      if (BOUNDS[i] >= upper) {
        return i;
      }
    }
    return BOUNDS.length - 1;
  }
}
