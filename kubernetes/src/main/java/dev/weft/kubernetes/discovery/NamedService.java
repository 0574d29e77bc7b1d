package dev.weft.kubernetes.discovery;

import java.util.List;

/**
 * What people want to know of a Service, without its addresses.
 *
 * @param type as the API server has it: ClusterIP, NodePort, LoadBalancer or ExternalName
 */
public record NamedService(String namespace, String name, String type, List<Port> ports) {

  public NamedService {
    ports = List.copyOf(ports);
  }

  /**
   * A port of it.
   *
   * @param name empty where it has none
   * @param protocol TCP, UDP or SCTP
   */
  public record Port(String name, int port, String protocol) {}
}
