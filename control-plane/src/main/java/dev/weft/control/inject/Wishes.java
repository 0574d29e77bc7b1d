package dev.weft.control.inject;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * What the annotations of a pod ask for.
 *
 * @param image instead of the usual one
 * @param hold whether the application starts once the sidecar is ready; empty where nothing is said
 * @param rewriteProbes whether the sidecar asks the application in the kubelet's place
 */
record Wishes(
    Exclusions exclusions,
    Resources cpu,
    Resources memory,
    Optional<String> image,
    Optional<Boolean> hold,
    boolean rewriteProbes) {

  /** Ports and networks that are left alone, as {@code weft intercept install} takes them. */
  record Exclusions(List<String> inbound, List<String> outbound, List<String> networks) {
    Exclusions {
      inbound = List.copyOf(inbound);
      outbound = List.copyOf(outbound);
      networks = List.copyOf(networks);
    }
  }

  /**
   * What a sidecar is promised of one resource, and what it may take at most.
   *
   * @param limit empty for none
   */
  record Resources(Quantity request, Optional<Quantity> limit) {

    /** The container's {@code resources}. */
    static JsonObject json(Resources cpu, Resources memory) {
      JsonObject limits = new JsonObject();
      cpu.limit().ifPresent(most -> limits.put("cpu", most.text()));
      memory.limit().ifPresent(most -> limits.put("memory", most.text()));
      JsonObject requests =
          new JsonObject().put("cpu", cpu.request().text()).put("memory", memory.request().text());
      JsonObject all = new JsonObject().put("requests", requests);
      return limits.isEmpty() ? all : all.put("limits", limits);
    }
  }
}
