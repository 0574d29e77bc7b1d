package dev.weft.config.model.telemetry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Istio's standard metrics, and the labels that each has.
 *
 * <p>Source: Istio telemetry/v1 {@code MetricSelector.IstioMetric}; Istio's standard metrics.
 */
public enum Metric {
  REQUEST_COUNT("istio_requests_total", true),
  REQUEST_DURATION("istio_request_duration_milliseconds", true),
  REQUEST_SIZE("istio_request_bytes", true),
  RESPONSE_SIZE("istio_response_bytes", true),
  TCP_OPENED_CONNECTIONS("istio_tcp_connections_opened_total", false),
  TCP_CLOSED_CONNECTIONS("istio_tcp_connections_closed_total", false),
  TCP_SENT_BYTES("istio_tcp_sent_bytes_total", false),
  TCP_RECEIVED_BYTES("istio_tcp_received_bytes_total", false),
  GRPC_REQUEST_MESSAGES("istio_request_messages_total", false),
  GRPC_RESPONSE_MESSAGES("istio_response_messages_total", false);

  private static final String PREFIX = "istio_";
  private static final List<String> EDGE =
      List.of(
          "reporter",
          "source_workload",
          "source_workload_namespace",
          "source_principal",
          "source_app",
          "source_version",
          "source_cluster",
          "source_canonical_service",
          "source_canonical_revision",
          "destination_workload",
          "destination_workload_namespace",
          "destination_principal",
          "destination_app",
          "destination_version",
          "destination_cluster",
          "destination_canonical_service",
          "destination_canonical_revision",
          "destination_service",
          "destination_service_name",
          "destination_service_namespace",
          "connection_security_policy");
  private static final List<String> WITH_CODES =
      and("request_protocol", "response_code", "grpc_response_status", "response_flags");
  private static final List<String> WITHOUT_CODES = and("request_protocol", "response_flags");

  private final String told;
  private final boolean codes; // whether those of answers are told

  Metric(String told, boolean codes) {
    this.told = told;
    this.codes = codes;
  }

  /** Its labels, in the order in which they are told. */
  public List<String> labels() {
    return codes ? WITH_CODES : WITHOUT_CODES;
  }

  /** Labels of all that are counted between two workloads; those that do not change with time. */
  public static List<String> edgeLabels() {
    return EDGE;
  }

  /** By the name of Prometheus, with {@code istio_} or without. */
  public static Optional<Metric> named(String name) {
    String whole = name.startsWith(PREFIX) ? name : PREFIX + name;
    return Arrays.stream(values()).filter(one -> one.told.equals(whole)).findFirst();
  }

  /** The names of Prometheus. */
  public static List<String> names() {
    return Arrays.stream(values()).map(one -> one.told).toList();
  }

  /** All labels that one of them has. */
  public static Set<String> allLabels(Set<Metric> metrics) {
    Set<String> all = new LinkedHashSet<>();
    metrics.forEach(one -> all.addAll(one.labels()));
    return all;
  }

  private static List<String> and(String... more) {
    List<String> all = new ArrayList<>(EDGE);
    all.addAll(List.of(more));
    return List.copyOf(all);
  }
}
