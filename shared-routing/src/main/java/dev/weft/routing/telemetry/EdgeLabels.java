package dev.weft.routing.telemetry;

import dev.weft.config.model.telemetry.Metric;
import java.util.ArrayList;
import java.util.List;

/**
 * Who calls whom, as the labels of Istio's metrics tell it: everything that does not change from
 * request to request. All labels are always there; what is not known is {@value #UNKNOWN}.
 *
 * @param reporter which side counted
 * @param source the calling workload
 * @param destination the workload that was reached; {@link Workload#NOBODY} when none was, which is
 *     how dashboards find refused requests
 * @param service what the caller asked for
 * @param security how the connection was secured, as far as the reporter can know it
 *     <p>Source: Istio's standard metrics; the labels that Kiali needs to draw an edge.
 */
public record EdgeLabels(
    Reporter reporter,
    Workload source,
    Workload destination,
    DestinationService service,
    Security security) {

  /** What Istio writes where nothing is known. */
  public static final String UNKNOWN = "unknown";

  /** The service of all that is not told apart. */
  static final String OVERFLOW = "overflow";

  /** The names of what {@link #values} gives. */
  public static final List<String> NAMES = Metric.edgeLabels();

  /** All labels, in the order of {@link #NAMES}. */
  public List<String> values() {
    List<String> all = new ArrayList<>(NAMES.size());
    all.add(reporter.word);
    source.values(all);
    destination.values(all);
    all.addAll(List.of(service.host, service.name, service.namespace, security.word));
    return all;
  }

  /** Which of the two proxies of a hop counted. */
  public enum Reporter {
    SOURCE("source"),
    DESTINATION("destination");

    private final String word;

    Reporter(String word) {
      this.word = word;
    }

    /** The value of the label {@code reporter}. */
    public String word() {
      return word;
    }
  }

  /** The value of {@code connection_security_policy}. */
  public enum Security {
    MUTUAL_TLS("mutual_tls"),
    NONE("none"),
    /** A source cannot know what its destination enforces. */
    UNKNOWN(EdgeLabels.UNKNOWN);

    private final String word;

    Security(String word) {
      this.word = word;
    }

    /** The value of the label. */
    public String word() {
      return word;
    }
  }

  /**
   * One end of an edge.
   *
   * @param name of the workload, e.g. {@code search-v1}
   * @param principal SPIFFE id
   * @param app label {@code app}
   * @param version label {@code version}
   * @param canonical name and revision under which dashboards group
   */
  public record Workload(
      String name,
      String namespace,
      String principal,
      String app,
      String version,
      Canonical canonical) {

    /** Nothing is known, or nobody was reached. */
    public static final Workload NOBODY =
        new Workload(
            UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, new Canonical(UNKNOWN, UNKNOWN, UNKNOWN));

    private void values(List<String> all) {
      all.addAll(
          List.of(
              name,
              namespace,
              principal,
              app,
              version,
              canonical.cluster,
              canonical.service,
              canonical.revision));
    }
  }

  /**
   * How dashboards group workloads.
   *
   * @param service canonical service, usually the app
   * @param revision canonical revision, usually the version; Istio's default is {@code latest}
   * @param cluster of the installation, not of the upstream; {@value #UNKNOWN} unless configured
   */
  public record Canonical(String service, String revision, String cluster) {}

  /**
   * What was asked for.
   *
   * @param host in full, e.g. {@code search.prod.svc.cluster.local}
   * @param name short, e.g. {@code search}
   */
  public record DestinationService(String host, String name, String namespace) {}

  /** Where even the services are too many to tell apart. */
  public EdgeLabels overflow() {
    return new EdgeLabels(
        reporter,
        Workload.NOBODY,
        Workload.NOBODY,
        new DestinationService(OVERFLOW, OVERFLOW, UNKNOWN),
        Security.UNKNOWN);
  }

  /** The same edge without its caller: where the callers become too many to tell apart. */
  public EdgeLabels withoutSource() {
    return new EdgeLabels(reporter, Workload.NOBODY, destination, service, security);
  }
}
