package dev.weft.sidecar;

/**
 * What tools that know Istio ask Prometheus, with the labels that they use and the windows made
 * short. Sources: Kiali's graph and its appenders; the mesh, service and workload dashboards that
 * Istio ships for Grafana; the built-in checks of Flagger's observer for Istio.
 */
final class ToolQueries {

  /** How far back rates look. */
  static final int WINDOW_SECONDS = 120;

  /** By what Kiali tells nodes and edges apart. */
  static final String[] EDGE = {
    "source_workload_namespace",
    "source_workload",
    "source_canonical_service",
    "source_canonical_revision",
    "destination_service_namespace",
    "destination_service",
    "destination_service_name",
    "destination_workload_namespace",
    "destination_workload",
    "destination_canonical_service",
    "destination_canonical_revision"
  };

  private static final String OF_REQUESTS =
      "source_cluster,destination_cluster,"
          + String.join(",", EDGE)
          + ",request_protocol,response_code,grpc_response_status,response_flags";
  private static final String OF_LINES =
      "source_cluster,destination_cluster," + String.join(",", EDGE) + ",response_flags";
  private static final String WINDOW = "[" + WINDOW_SECONDS + "s]";

  private ToolQueries() {}

  /** Kiali: who came from outside the mesh. */
  static String fromOutside(String metric, String namespace) {
    return sumRate(
        metric,
        "reporter=\"destination\",source_workload=\"unknown\",destination_workload_namespace=\""
            + namespace
            + "\"",
        groups(metric));
  }

  /** Kiali: who came from another namespace; those whom nobody answered too. */
  static String fromElsewhere(String metric, String namespace) {
    return sumRate(
        metric,
        "reporter=\"source\",source_workload_namespace!=\""
            + namespace
            + "\",source_workload!=\"unknown\",destination_service_namespace=\""
            + namespace
            + "\"",
        groups(metric));
  }

  /** Kiali: who asked from within. */
  static String fromWithin(String metric, String namespace) {
    return sumRate(
        metric,
        "reporter=\"source\",source_workload_namespace=\"" + namespace + "\"",
        groups(metric));
  }

  /** Kiali: the lock of an edge. */
  static String secured(String namespace) {
    return sumRate(
            "istio_requests_total",
            "reporter=\"destination\",destination_service_namespace=\"" + namespace + "\"",
            String.join(",", EDGE)
                + ",source_principal,destination_principal,connection_security_policy")
        + " > 0";
  }

  /** Kiali: health of a namespace's services. */
  static String health(String namespace) {
    return "rate(istio_requests_total{reporter=~\"source|waypoint\",destination_service_namespace=\""
        + namespace
        + "\",destination_cluster=~\"Kubernetes|unknown\"}"
        + WINDOW
        + ") > 0";
  }

  /** Kiali: response time of edges from elsewhere; without a share, the mean. */
  static String responseTime(String namespace, String share) {
    String of =
        "reporter=\"source\",source_workload_namespace!=\""
            + namespace
            + "\",destination_service_namespace=\""
            + namespace
            + "\"";
    String by = String.join(",", EDGE) + ",request_protocol";
    String name = "istio_request_duration_milliseconds";
    return share.isEmpty()
        ? sumRate(name + "_sum", of, by) + " / " + sumRate(name + "_count", of, by) + " > 0"
        : "histogram_quantile("
            + share
            + ", "
            + sumRate(name + "_bucket", of, "le," + by)
            + ") > 0";
  }

  /** Kiali: bytes of bodies on edges from elsewhere. */
  static String throughput(String metric, String namespace) {
    return sumRate(
        metric + "_sum",
        "reporter=\"source\",source_workload_namespace!=\""
            + namespace
            + "\",destination_service_namespace=\""
            + namespace
            + "\"",
        String.join(",", EDGE));
  }

  private static String groups(String metric) {
    return metric.equals("istio_requests_total") ? OF_REQUESTS : OF_LINES;
  }

  private static String sumRate(String metric, String labels, String by) {
    return "sum(rate(" + metric + "{" + labels + "}" + WINDOW + ")) by (" + by + ")";
  }

  /** Flagger: {@code request-success-rate}, in percent. */
  static String successRate(String namespace, String target) {
    String of = flaggers(namespace, target);
    return "sum(rate(istio_requests_total{%1$s,response_code!~\"5.*\"}%2$s)) / sum(rate(istio_requests_total{%1$s}%2$s)) * 100"
        .formatted(of, WINDOW);
  }

  /** Flagger: {@code request-duration}, the 99th percentile. */
  static String duration(String namespace, String target) {
    return "histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket{%s}%s)) by (le))"
        .formatted(flaggers(namespace, target), WINDOW);
  }

  private static String flaggers(String namespace, String target) {
    return "reporter=\"destination\",destination_workload_namespace=\"%s\",destination_workload=~\"%s\""
        .formatted(namespace, target);
  }

  /** Grafana, mesh: the table of workloads. */
  static String workloads() {
    return joined(
        "sum(rate(istio_requests_total{reporter=~\"source|waypoint\"}"
            + WINDOW
            + ")) by (destination_workload, destination_workload_namespace, destination_service)");
  }

  /** Grafana, mesh: a percentile of each workload. */
  static String workloadQuantile(String share) {
    return joined(
        "histogram_quantile("
            + share
            + ", sum(rate(istio_request_duration_milliseconds_bucket{reporter=~\"source|waypoint\"}"
            + WINDOW
            + ")) by (le, destination_workload, destination_workload_namespace))");
  }

  /** Grafana, mesh: the success of each workload. */
  static String workloadSuccess() {
    String by = " by (destination_workload, destination_workload_namespace)";
    return joined(
        "sum(rate(istio_requests_total{reporter=~\"source|waypoint\",response_code!~\"5..\"}"
            + WINDOW
            + "))"
            + by
            + "/sum(rate(istio_requests_total{reporter=~\"source|waypoint\"}"
            + WINDOW
            + "))"
            + by);
  }

  /** Grafana, mesh: bytes of TCP by workload. */
  static String workloadBytes(String metric) {
    return joined(
        "sum(rate("
            + metric
            + "{reporter=~\"source|waypoint\"}"
            + WINDOW
            + ")) by (destination_workload, destination_workload_namespace, destination_service)");
  }

  private static String joined(String query) {
    return "label_join("
        + query
        + ", \"destination_workload_var\", \".\", \"destination_workload\", \"destination_workload_namespace\")";
  }

  /** Grafana, service: the list to choose from. */
  static String services() {
    return "sum(istio_requests_total{}) by (destination_service) or sum(istio_tcp_sent_bytes_total{})"
        + " by (destination_service)";
  }

  /** Grafana, service: success as callers see it, at this moment. */
  static String clientSuccess(String service) {
    String of = "reporter=~\"source\",destination_service=~\"" + service + "\"";
    return "sum(irate(istio_requests_total{%1$s,response_code!~\"5.*\"}[5m])) / sum(irate(istio_requests_total{%1$s}[5m]))"
        .formatted(of);
  }

  /** Grafana, service: volume as callers see it, at this moment. */
  static String clientVolume(String service) {
    return "round(sum(irate(istio_requests_total{reporter=~\"source\",destination_service=~\"%s\"}[5m])), 0.001)"
        .formatted(service);
  }

  /** Grafana, service: who asks over mTLS, by code. */
  static String incoming(String service) {
    return "round(sum(rate(istio_requests_total{connection_security_policy=\"mutual_tls\",destination_service=~\"%s\",reporter=~\"destination\"}%s)) by (source_workload, source_workload_namespace, response_code), 0.001)"
        .formatted(service, WINDOW);
  }

  /** Grafana, service: percentiles of bodies of those who ask over mTLS. */
  static String incomingBytes(String metric, String service, String share) {
    return "histogram_quantile(%s, sum(rate(%s_bucket{reporter=~\"destination\",connection_security_policy=\"mutual_tls\",destination_service=~\"%s\"}%s)) by (source_workload, source_workload_namespace, le))"
        .formatted(share, metric, service, WINDOW);
  }

  /** Grafana, workload: whom it asks over mTLS, by code. */
  static String outgoing(String namespace, String workload) {
    return "round(sum(rate(istio_requests_total{destination_principal=~\"spiffe.*\",source_workload_namespace=~\"%s\",source_workload=~\"%s\",reporter=\"source\",destination_service=~\".*\"}%s)) by (destination_service, response_code), 0.001)"
        .formatted(namespace, workload, WINDOW);
  }
}
