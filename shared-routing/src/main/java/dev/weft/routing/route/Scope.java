package dev.weft.routing.route;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.VirtualService;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where a table holds, and so which rules are in it. All that depends on the workload and not on
 * the request is settled here, when compiling.
 *
 * @param gateway {@code mesh}, or {@code namespace/name}
 * @param namespace of the workload
 * @param labels of the workload
 * @param servers hosts of the gateway's servers; none for the mesh
 */
public record Scope(
    String gateway, String namespace, Map<String, String> labels, List<Gateway.Host> servers) {

  /** Whether it is the mesh, and not a gateway. */
  public boolean mesh() {
    return gateway.equals(VirtualService.MESH);
  }

  /** Whether it is among some gateways. */
  public boolean lists(List<String> gateways) {
    return gateways.contains(gateway);
  }

  /** Whether any of a VirtualService's rules could hold here. */
  public boolean sees(VirtualService service) {
    boolean exported = service.exportTo().contains("*") || service.exportTo().contains(namespace);
    boolean listed =
        lists(service.gateways())
            || service.http().stream()
                .flatMap(rule -> rule.matches().stream())
                .anyMatch(match -> lists(match.gateways()))
            || Stream.concat(service.tls().stream(), service.tcp().stream())
                .flatMap(rule -> rule.matches().stream())
                .anyMatch(match -> lists(match.gateways()));
    return exported && listed;
  }

  /** What of a VirtualService's host is served here: at a gateway, where it meets a server's. */
  public Stream<String> hosts(VirtualService service, String host) {
    if (mesh()) {
      return Stream.of(host);
    }
    return servers.stream()
        .filter(
            server ->
                server.namespace().equals("*")
                    || server.namespace().equals(service.meta().namespace()))
        .map(Gateway.Host::name)
        .filter(server -> covers(server, host) || covers(host, server))
        .map(server -> covers(server, host) ? host : server)
        .distinct();
  }

  private static boolean covers(String wide, String narrow) {
    return wide.equals("*")
        || wide.equals(narrow)
        || (wide.startsWith("*.") && narrow.endsWith(wide.substring(1)));
  }

  /** Whether a match could hold for this workload; its gateways override the service's. */
  boolean holds(VirtualService service, HttpMatch match) {
    return holds(service, match.gateways(), match.sourceLabels(), match.sourceNamespace());
  }

  /** As the other, by what a match names. */
  public boolean holds(
      VirtualService service,
      List<String> gateways,
      Map<String, String> sourceLabels,
      String sourceNamespace) {
    if (!gateways.isEmpty()) {
      return lists(gateways);
    }
    boolean here = lists(service.gateways());
    if (!mesh()) {
      return here && sourceLabels.isEmpty() && sourceNamespace.isEmpty();
    }
    boolean sameNamespace = sourceNamespace.isEmpty() || sourceNamespace.equals(namespace);
    return here && sameNamespace && labels.entrySet().containsAll(sourceLabels.entrySet());
  }
}
