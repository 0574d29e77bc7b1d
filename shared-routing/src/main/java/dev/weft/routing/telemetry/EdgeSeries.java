package dev.weft.routing.telemetry;

import dev.weft.routing.telemetry.EdgeLabels.Workload;
import io.prometheus.metrics.model.snapshots.Labels;

/** The labels of Istio's request metrics, by name. All of them on every series. */
final class EdgeSeries {

  private static final String[] NAMES = {
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
    "request_protocol",
    "response_code",
    "grpc_response_status",
    "response_flags",
    "connection_security_policy"
  };

  private EdgeSeries() {}

  static Labels labels(EdgeLabels edge, int outcome) {
    String[] values = new String[NAMES.length];
    int next = 0;
    values[next++] = edge.reporter().word();
    next = workload(values, next, edge.source());
    next = workload(values, next, edge.destination());
    values[next++] = edge.service().host();
    values[next++] = edge.service().name();
    values[next++] = edge.service().namespace();
    values[next++] = Outcome.protocol(outcome);
    values[next++] = Integer.toString(Outcome.status(outcome));
    values[next++] = Outcome.grpcStatus(outcome);
    values[next++] = Outcome.flag(outcome);
    values[next] = edge.security().word();
    return Labels.of(NAMES, values);
  }

  private static int workload(String[] values, int from, Workload workload) {
    int next = from;
    values[next++] = workload.name();
    values[next++] = workload.namespace();
    values[next++] = workload.principal();
    values[next++] = workload.app();
    values[next++] = workload.version();
    values[next++] = workload.canonical().cluster();
    values[next++] = workload.canonical().service();
    values[next++] = workload.canonical().revision();
    return next;
  }
}
