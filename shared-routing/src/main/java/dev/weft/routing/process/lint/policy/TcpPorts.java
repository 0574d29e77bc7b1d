package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ports of workloads of which it is declared that they speak something else than HTTP, and nowhere
 * that they speak HTTP, or nothing.
 */
final class TcpPorts {

  private static final Set<String> OTHER = Set.of("tcp", "mongo", "mysql", "redis");

  private final Set<String> open = new HashSet<>();
  private final Map<String, List<Declared>> closed = new HashMap<>();

  /**
   * Who declares a port.
   *
   * @param namespace empty for any
   * @param selector of its workloads
   */
  private record Declared(String namespace, Map<String, String> selector, String told) {}

  TcpPorts(MeshConfig config) {
    config.services().forEach(this::service);
    config.serviceEntries().forEach(this::entry);
    config.gateways().forEach(this::gateway);
  }

  private void service(Service service) {
    for (Service.Port port : service.ports()) {
      String target = port.targetPort().isEmpty() ? "" + port.number() : port.targetPort();
      String spoken = port.opaque() ? "tcp" : word(port);
      if (!OTHER.contains(spoken)) {
        open.add(number(target) ? target : ""); // a name may be any port
      } else if (number(target)) {
        String told = spoken + " (Service " + service.meta().qualifiedName() + ")";
        declared(target, service.meta().namespace(), service.selector(), told);
      }
    }
  }

  private static boolean number(String target) {
    return target.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String word(Service.Port port) {
    String text = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
    int dash = port.appProtocol().isEmpty() ? text.indexOf('-') : -1;
    return (dash < 0 ? text : text.substring(0, dash)).toLowerCase(Locale.ROOT);
  }

  /** Those of entries are told of no workload here, but speak of one that has them. */
  private void entry(ServiceEntry entry) {
    for (ServiceEntry.Port port : entry.ports()) {
      if (!OTHER.contains(port.protocol().toLowerCase(Locale.ROOT))) {
        open.add("" + port.targetPort());
        entry.endpoints().forEach(one -> one.ports().values().forEach(at -> open.add("" + at)));
      }
    }
  }

  private void gateway(Gateway gateway) {
    for (Gateway.Server server : gateway.servers()) {
      if (server.http()) {
        open.add("" + server.port());
      } else {
        String told =
            server.protocol().name().toLowerCase(Locale.ROOT)
                + " (Gateway "
                + gateway.meta().qualifiedName()
                + ")";
        declared("" + server.port(), "", gateway.selector(), told);
      }
    }
  }

  private void declared(String port, String namespace, Map<String, String> selector, String told) {
    closed
        .computeIfAbsent(port, any -> new ArrayList<>())
        .add(new Declared(namespace, selector, told));
  }

  /** What a port of a policy's workloads speaks, and who says so; empty where it may be HTTP. */
  Optional<String> declared(AuthorizationPolicy policy, String port) {
    if (open.contains(port) || open.contains("") || !policy.targets().isEmpty()) {
      return Optional.empty();
    }
    return closed.getOrDefault(port, List.of()).stream()
        .filter(one -> speaks(one, policy))
        .map(Declared::told)
        .findFirst();
  }

  private static boolean speaks(Declared one, AuthorizationPolicy policy) {
    String namespace = policy.meta().namespace();
    boolean near =
        one.namespace.isEmpty()
            || one.namespace.equals(namespace)
            || Meta.ROOT_NAMESPACES.contains(namespace);
    return near
        && !one.selector.isEmpty()
        && one.selector.entrySet().containsAll(policy.selector().entrySet());
  }
}
