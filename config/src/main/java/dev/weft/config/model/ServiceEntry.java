package dev.weft.config.model;

import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;

/**
 * A service that no API server lists.
 *
 * <p>Source: Istio networking/v1 {@code ServiceEntry}.
 *
 * @param hosts full names in lower case, or {@code *.suffix}
 * @param endpoints xor {@code workloadSelector}
 * @param workloadSelector labels of WorkloadEntries of the same namespace; empty for none
 * @param subjectAltNames one of which the endpoint's certificate must have
 */
public record ServiceEntry(
    Meta meta,
    List<String> hosts,
    List<String> addresses,
    List<Port> ports,
    Location location,
    Resolution resolution,
    List<Endpoint> endpoints,
    Map<String, String> workloadSelector,
    List<String> exportTo,
    List<String> subjectAltNames) {

  public ServiceEntry {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    workloadSelector = Map.copyOf(workloadSelector);
    exportTo = List.copyOf(exportTo);
    subjectAltNames = List.copyOf(subjectAltNames);
  }

  /** Whether it is wherever its callers' connections were going, and nowhere else. */
  public boolean asMeant() {
    return resolution == Resolution.NONE;
  }

  /** Whether a host is one of its own, or within one of them: {@code *.suffix}. */
  public boolean has(String host) {
    return hosts.stream()
        .anyMatch(
            wide ->
                wide.equals(host) || (wide.startsWith("*.") && host.endsWith(wide.substring(1))));
  }

  /**
   * @param protocol upper case: HTTP, HTTPS, HTTP2, GRPC, TLS, TCP ...
   * @param targetPort of the endpoints
   */
  public record Port(int number, String protocol, String name, int targetPort) {}

  /**
   * An instance.
   *
   * @param address an IP address; a name where the resolution is DNS; {@code unix:///path}
   * @param ports by port name, over the service's target port
   * @param weight from 1, default 1
   * @param serviceAccount empty where there is none
   */
  public record Endpoint(
      String address,
      Map<String, Integer> ports,
      Map<String, String> labels,
      String network,
      String locality,
      int weight,
      String serviceAccount,
      Place place) {
    public Endpoint {
      ports = Map.copyOf(ports);
      labels = Map.copyOf(labels);
    }
  }

  /** Whether a sidecar stands there: MESH_INTERNAL is reached over mTLS. */
  public enum Location {
    MESH_EXTERNAL,
    MESH_INTERNAL
  }

  /** Where addresses come from. */
  public enum Resolution {
    NONE,
    STATIC,
    DNS,
    DNS_ROUND_ROBIN,
    DYNAMIC_DNS
  }
}
