package dev.weft.cli.doctor;

import dev.weft.routing.discovery.standing.PlainLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the control plane wrote on ConfigMaps. */
final class ConfigChecks {

  private static final String APPLIED = "applied ";
  private static final String TROUBLES = "; "; // behind the version: what gateways cannot serve
  private static final int LONGEST = 1_000;

  private ConfigChecks() {}

  /**
   * @param statuses by {@code namespace/name}
   */
  static List<Finding> of(Map<String, Optional<String>> statuses) {
    List<Finding> all = new ArrayList<>();
    long applied =
        statuses.values().stream().filter(one -> one.orElse("").startsWith(APPLIED)).count();
    if (applied > 0) {
      all.add(
          Finding.ok(applied + (applied == 1 ? " ConfigMap is" : " ConfigMaps are") + " applied"));
    }
    statuses.forEach(
        (name, status) -> {
          if (status.isEmpty()) {
            all.add(
                Finding.warn(
                    name + " has no weft.dev/status",
                    "no source of the control plane selects it, or it may not write there"));
          } else if (!status.get().startsWith(APPLIED)) {
            all.add(
                Finding.fail(
                    name + " is not applied: " + status.get(),
                    "kubectl get events tells all problems; what was good before serves on"));
          } else if (status.get().contains(TROUBLES)) {
            String troubles = status.get().substring(status.get().indexOf(TROUBLES) + 2);
            all.add(
                Finding.fail(
                    name + ": " + PlainLine.of(troubles, LONGEST),
                    "it is tried again until it works; --control tells which gateways say so"));
          }
        });
    return all.isEmpty()
        ? List.of(
            Finding.warn("there is no ConfigMap with weft.dev/config=true", "docs/kubernetes.md"))
        : all;
  }
}
