package dev.weft.routing.route;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which ports the services of a mesh have, and which of them is meant where none is named. */
public final class ServicePorts {

  private static final int UNKNOWN = 80;

  private final Map<String, List<Port>> byHost = new LinkedHashMap<>();

  private final Map<String, Integer> standard = new HashMap<>();

  /** One port and whether it speaks HTTP. */
  private record Port(int number, boolean http) {}

  public ServicePorts(MeshConfig config) {
    for (Service service : config.services()) {
      List<Port> ports = byHost.computeIfAbsent(service.host(), host -> new ArrayList<>());
      for (Service.Port port : service.ports()) {
        String protocol = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
        ports.add(new Port(port.number(), http(protocol)));
      }
    }
    for (ServiceEntry entry : config.serviceEntries()) {
      for (String host : entry.hosts()) {
        List<Port> ports = byHost.computeIfAbsent(host, name -> new ArrayList<>());
        entry.ports().forEach(port -> ports.add(new Port(port.number(), http(port.protocol()))));
      }
    }
  }

  private static boolean http(String protocol) {
    String word = protocol.toLowerCase(Locale.ROOT);
    return (word.startsWith("http") && !word.startsWith("https")) || word.startsWith("grpc");
  }

  /** Every service's full name. */
  public Iterable<String> hosts() {
    return byHost.keySet();
  }

  /** All ports of a service; none where it is not known. */
  public List<Integer> ports(String host) {
    return known(host).stream().map(Port::number).toList();
  }

  /** Those of the host, or else of the longest suffix of it. */
  private List<Port> known(String host) {
    List<Port> ports = byHost.get(host);
    for (int dot = host.indexOf('.'); ports == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
      ports = byHost.get("*" + host.substring(dot));
    }
    return ports == null ? List.of() : ports;
  }

  /** The port that a destination without one means: the first for HTTP, else the first; else 80. */
  public int defaultPort(String host) {
    return standard.computeIfAbsent(host, this::first);
  }

  private int first(String host) {
    List<Port> ports = known(host);
    return ports.stream()
        .filter(Port::http)
        .findFirst()
        .or(() -> ports.stream().findFirst())
        .map(Port::number)
        .orElse(UNKNOWN);
  }
}
