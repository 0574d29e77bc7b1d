package dev.weft.config.model.core;

import dev.weft.config.model.Meta;
import java.util.List;
import java.util.Map;

/**
 * Some endpoints of a Service.
 *
 * <p>Source: discovery.k8s.io/v1.
 *
 * @param service the label {@code kubernetes.io/service-name}
 * @param ports by port name
 */
public record EndpointSlice(
    Meta meta, String service, Map<String, Integer> ports, List<Endpoint> endpoints) {

  /** Among an endpoint's labels: the service account that its pod runs as, no label itself. */
  public static final String ACCOUNT = "weft.dev/service-account";

  public EndpointSlice {
    ports = Map.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /** The full name of its Service. */
  public String host() {
    return service + "." + meta.namespace() + ".svc.cluster.local";
  }

  /**
   * @param labels of the pod: from the annotation-free {@code deprecatedTopology} in files, from
   *     the pod itself on Kubernetes
   * @param serviceAccount of the pod; empty where it is not known
   */
  public record Endpoint(
      List<String> addresses,
      boolean ready,
      boolean terminating,
      String zone,
      Map<String, String> labels,
      String serviceAccount) {
    public Endpoint {
      addresses = List.copyOf(addresses);
      labels = Map.copyOf(labels);
    }
  }
}
