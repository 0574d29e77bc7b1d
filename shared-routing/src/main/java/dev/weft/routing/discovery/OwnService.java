package dev.weft.routing.discovery;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.routing.exchange.Workload;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Under which name callers know the service that a workload is an instance of, so that both ends of
 * a request report it under the same one. Pure.
 */
public final class OwnService {

  private OwnService() {}

  /**
   * @param ports by which the workload is reached: its sidecar's and the application's
   * @return its host in full; the workload's app where configuration names none
   */
  public static String host(MeshConfig config, Workload workload, Set<Integer> ports) {
    Optional<String> entry =
        config.serviceEntries().stream()
            .filter(one -> one.meta().namespace().equals(workload.namespace()))
            .filter(one -> holds(one, workload, ports))
            .map(one -> one.hosts().get(0))
            .findFirst();
    return entry
        .or(
            () ->
                config.services().stream()
                    .filter(one -> one.meta().namespace().equals(workload.namespace()))
                    .filter(one -> !one.selector().isEmpty() && has(workload, one.selector()))
                    .map(one -> one.host())
                    .findFirst())
        .orElse(workload.app());
  }

  private static boolean holds(ServiceEntry entry, Workload workload, Set<Integer> ports) {
    boolean selected =
        !entry.workloadSelector().isEmpty() && has(workload, entry.workloadSelector());
    return selected
        || entry.endpoints().stream()
            .anyMatch(
                instance ->
                    instance.serviceAccount().equals(workload.serviceAccount())
                        && has(workload, instance.labels())
                        && at(entry, instance, ports));
  }

  private static boolean at(
      ServiceEntry entry, ServiceEntry.Endpoint instance, Set<Integer> ports) {
    return entry.ports().stream()
        .map(port -> instance.ports().getOrDefault(port.name(), port.targetPort()))
        .anyMatch(ports::contains);
  }

  private static boolean has(Workload workload, Map<String, String> labels) {
    return workload.labels().entrySet().containsAll(labels.entrySet());
  }
}
