package dev.weft.cli.live;

import dev.weft.routing.telemetry.Outcome;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;

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

  private static final String UNKNOWN = "unknown"; // as Istio's labels say it

  private Traffic() {}

  /**
   * Who asked whom.
   *
   * @param service that was asked for
   * @param destination that was reached
   * @param security {@code mutual_tls}, {@code none}, {@code unknown}: at the source as the
   *     identities prove it, since Istio's label is always {@code unknown} there
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

    static Edge of(Series series) {
      End destination = End.of(series, "destination");
      String label = series.label("connection_security_policy");
      return new Edge(
          End.of(series, "source"),
          series.label("destination_service"),
          destination,
          label.equals(UNKNOWN) && destination.proved() ? "mutual_tls" : label,
          series.label("reporter"));
    }

    /** For people: a source knows that nothing was proved, but not what else was agreed on. */
    String told() {
      boolean reached = !destination.workload.equals(UNKNOWN);
      return security.equals(UNKNOWN) && reached ? "no mTLS" : security;
    }
  }

  /**
   * One end.
   *
   * @param workload {@code NAMESPACE/NAME}; {@code unknown} where it is not known
   * @param identity a SPIFFE id; {@code unknown} where none was proved
   */
  record End(String workload, String version, String identity) {

    private boolean proved() {
      return identity.startsWith("spiffe://");
    }

    private static End of(Series series, String side) {
      String name = series.label(side + "_workload");
      String namespace = series.label(side + "_workload_namespace");
      boolean known = !name.equals(UNKNOWN) && !name.isEmpty();
      return new End(
          known ? namespace + "/" + name : UNKNOWN,
          series.label(side + "_version"),
          series.label(side + "_principal"));
    }
  }

  /** As the text of one proxy's {@code /metrics} tells it. */
  static Map<Edge, Count> of(String metrics) {
    Counting<Edge> counting = new Counting<>();
    for (Series series : Series.of(metrics, NAMES)) {
      Edge edge = Edge.of(series);
      switch (series.name()) {
        case TOTAL -> {
          counting.all(edge, series.value());
          counting.failed(edge, failed(series) ? series.value() : 0);
        }
        case SUM -> counting.millis(edge, series.value());
        default -> counting.bucket(edge, series);
      }
    }
    return counting.counts();
  }

  private static boolean failed(Series series) {
    return Outcome.failed(
        series.label("response_code"),
        series.label("grpc_response_status"),
        series.label("response_flags"));
  }
}
