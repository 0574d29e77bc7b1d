package dev.weft.routing.telemetry.collect;

import dev.weft.routing.exchange.Workload;

/**
 * Whose spans they are.
 *
 * @param service {@code APP.NAMESPACE}, as Istio names services in traces
 * @param namespace of the workload
 * @param app its canonical service
 * @param version its canonical revision
 * @param istioTags whether Istio's attributes are told
 */
public record Reporter(
    String service, String namespace, String app, String version, boolean istioTags) {

  /** The workload that this proxy stands beside, or is. */
  public static Reporter of(Workload workload, boolean istioTags) {
    return new Reporter(
        workload.app() + "." + workload.namespace(),
        workload.namespace(),
        workload.app(),
        workload.version(),
        istioTags);
  }
}
