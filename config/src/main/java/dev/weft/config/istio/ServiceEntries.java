package dev.weft.config.istio;

import dev.weft.config.istio.balance.LocalitySettings;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Endpoint;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.model.ServiceEntry.Port;
import dev.weft.config.model.ServiceEntry.Resolution;
import dev.weft.config.model.WorkloadEntry;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads ServiceEntry and WorkloadEntry. */
final class ServiceEntries {

  private static final int LAST_PORT = 65535;
  private static final String ADDRESS = "\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*";

  private static final List<String> PROTOCOLS =
      List.of("HTTP", "HTTPS", "HTTP2", "GRPC", "GRPC-WEB", "TCP", "TLS");
  private static final Set<String> OPAQUE = Set.of("TCP", "TLS", "MONGO", "MYSQL", "REDIS");

  private ServiceEntries() {}

  static ServiceEntry read(Meta meta, Fields spec) {
    List<String> hosts = spec.texts("hosts").stream().map(Fields::lower).toList();
    hosts.forEach(host -> HostNames.check(spec, "hosts", host));
    if (hosts.isEmpty()) {
      spec.error(Codes.MISSING_FIELD, "hosts", "no hosts (expected: at least one)", "");
    }
    Location location = spec.word("location", Location.class).orElse(Location.MESH_EXTERNAL);
    Resolution resolution = spec.word("resolution", Resolution.class).orElse(Resolution.NONE);
    if (resolution == Resolution.DYNAMIC_DNS) {
      spec.warning(
          Codes.NOT_HONOURED,
          "resolution",
          "resolution " + resolution + " is not honoured by this version",
          "write NONE, STATIC with endpoints, or DNS");
    }
    wild(spec, hosts, resolution);
    List<Port> ports = ports(spec);
    List<Endpoint> endpoints = new ArrayList<>();
    for (Fields fields : spec.objects("endpoints")) {
      endpoints.add(endpoint(fields, resolution == Resolution.STATIC));
    }
    Map<String, String> selector = labels(spec);
    if (!selector.isEmpty() && !endpoints.isEmpty()) {
      spec.error(Codes.CONFLICT, "endpoints", "endpoints beside workloadSelector", "keep one");
    }
    ServiceEntry entry =
        new ServiceEntry(
            meta,
            hosts,
            addresses(spec),
            ports,
            location,
            resolution,
            endpoints,
            selector,
            VirtualServices.exportTo(meta, spec),
            spec.texts("subjectAltNames"));
    identities(spec, entry);
    asMeant(spec, entry);
    portNames(spec, entry);
    spec.done();
    return entry;
  }

  /** By which callers reach it: an address, or a network. */
  private static List<String> addresses(Fields spec) {
    List<String> all = spec.texts("addresses");
    for (String address : all) {
      if (!address.matches("(" + ADDRESS + ")(/\\d{1,3})?")) {
        spec.error(
            Codes.UNKNOWN_VALUE,
            "addresses",
            "address '" + address + "' (expected: an IP address, or ADDRESS/BITS)",
            "");
      }
    }
    return all;
  }

  /** What has no name of its own cannot be looked up. */
  private static void wild(Fields spec, List<String> hosts, Resolution resolution) {
    boolean looked = resolution == Resolution.DNS || resolution == Resolution.DNS_ROUND_ROBIN;
    for (String host : hosts) {
      if (host.equals("*")) {
        spec.error(Codes.HOST, "hosts", "host '*' (expected: names)", "*.SUFFIX for many");
      } else if (host.startsWith("*.") && looked && !spec.has("endpoints")) {
        spec.error(
            Codes.HOST,
            "hosts",
            "host '" + host + "' cannot be looked up (expected: a name, or endpoints)",
            "");
      }
    }
  }

  /** What is wherever its callers' connections were going has no endpoints. */
  private static void asMeant(Fields spec, ServiceEntry entry) {
    if (!entry.asMeant()) {
      return;
    }
    if (!entry.endpoints().isEmpty() || !entry.workloadSelector().isEmpty()) {
      spec.error(
          Codes.CONFLICT,
          spec.has("endpoints") ? "endpoints" : "workloadSelector",
          "endpoints beside resolution NONE",
          "write resolution: STATIC");
    }
    for (Port port : entry.ports()) {
      boolean opaque = OPAQUE.contains(port.protocol()) && !port.protocol().equals("TLS");
      if (opaque && entry.addresses().isEmpty()) {
        spec.warning(
            Codes.TRAP,
            "ports",
            "port " + port.number() + " of every address is this service's",
            "name its addresses");
      }
    }
  }

  /** An endpoint's port that has no name of the entry's ports would be passed over. */
  private static void portNames(Fields spec, ServiceEntry entry) {
    List<String> names = entry.ports().stream().map(Port::name).toList();
    for (Endpoint endpoint : entry.endpoints()) {
      for (String name : endpoint.ports().keySet()) {
        if (!names.contains(name)) {
          spec.problems()
              .warning(
                  Codes.UNKNOWN_PORT,
                  endpoint.place(),
                  spec.path("endpoints"),
                  "port '" + name + "' of endpoint " + endpoint.address() + " is none of ports",
                  "there are: " + String.join(", ", names));
        }
      }
    }
  }

  private static Map<String, String> labels(Fields spec) {
    Optional<Fields> selector = spec.object("workloadSelector");
    Map<String, String> labels = selector.map(s -> s.textMap("labels")).orElse(Map.of());
    selector.ifPresent(Fields::done);
    return labels;
  }

  private static List<Port> ports(Fields spec) {
    List<Port> ports = new ArrayList<>();
    Set<Integer> numbers = new HashSet<>();
    for (Fields fields : spec.objects("ports")) {
      int number = fields.integer("number", 1, LAST_PORT, 0);
      if (!fields.has("number")) {
        fields.error(Codes.MISSING_FIELD, "number", "number is missing (expected: 1 to 65535)", "");
      } else if (!numbers.add(number)) {
        fields.error(Codes.DUPLICATE_NAME, "number", "port " + number + " a second time", "");
      }
      String protocol = protocol(fields);
      String name = fields.text("name", "");
      int target = fields.integer("targetPort", 1, LAST_PORT, number);
      fields.done();
      ports.add(new Port(number, protocol, name, target));
    }
    if (ports.isEmpty()) {
      spec.error(Codes.MISSING_FIELD, "ports", "no ports (expected: at least one)", "");
    }
    return ports;
  }

  private static String protocol(Fields port) {
    String protocol = port.text("protocol", "").toUpperCase(Locale.ROOT);
    if (protocol.equals("UDP")) {
      port.warning(
          Codes.NOT_HONOURED,
          "protocol",
          protocol + " is not honoured by this version",
          "only TCP is proxied");
    } else if (!OPAQUE.contains(protocol) && !protocol.isEmpty() && !PROTOCOLS.contains(protocol)) {
      port.unknownValue("protocol", protocol, PROTOCOLS);
    }
    return protocol;
  }

  static WorkloadEntry workload(Meta meta, Fields spec) {
    WorkloadEntry entry = new WorkloadEntry(meta, endpoint(spec, false));
    return entry;
  }

  private static Endpoint endpoint(Fields fields, boolean literal) {
    String address = fields.required("address", "an address");
    if (address.startsWith("unix:")) {
      fields.error(
          Codes.HOST,
          "address",
          "address '" + address + "' (expected: an IP address)",
          "no sockets");
    } else if (literal && !address.isEmpty() && !address.matches(ADDRESS)) {
      fields.error(
          Codes.HOST,
          "address",
          "address '" + address + "' (expected: an IP address with resolution STATIC)",
          "write resolution: DNS for names");
    }
    fields.notHonoured("network");
    if (fields.text("weight", "").equals("0")) {
      fields.warning(Codes.TRAP, "weight", "weight 0 counts as 1", "remove the endpoint instead");
    }
    Endpoint endpoint =
        new Endpoint(
            address,
            numbers(fields, "ports"),
            fields.textMap("labels"),
            fields.text("network", ""),
            LocalitySettings.of(fields),
            Math.max(1, fields.integer("weight", 0, 1_000_000, 1)),
            fields.text("serviceAccount", ""),
            fields.place());
    fields.done();
    return endpoint;
  }

  /** Ports by name. */
  static Map<String, Integer> numbers(Fields fields, String name) {
    Map<String, Integer> all = new LinkedHashMap<>();
    Optional<Fields> object = fields.object(name);
    for (YamlNode.Entry entry : object.map(Fields::entries).orElse(List.of())) {
      object.get().integer(entry.key(), 1, LAST_PORT).ifPresent(port -> all.put(entry.key(), port));
    }
    return all;
  }

  /** Whom to expect must be known inside the mesh, or nobody could be refused. */
  private static void identities(Fields spec, ServiceEntry entry) {
    if (entry.location() != Location.MESH_INTERNAL || !entry.subjectAltNames().isEmpty()) {
      return;
    }
    if (entry.endpoints().isEmpty()
        && entry.workloadSelector().isEmpty()
        && entry.resolution() != Resolution.STATIC
        && entry.resolution() != Resolution.DYNAMIC_DNS) {
      spec.error(
          Codes.NO_IDENTITY,
          "resolution",
          "endpoints inside the mesh without an identity",
          "name the identities in subjectAltNames");
    }
    for (Endpoint endpoint : entry.endpoints()) {
      if (endpoint.serviceAccount().isEmpty()) {
        spec.problems()
            .error(
                Codes.NO_IDENTITY,
                endpoint.place(),
                spec.path("endpoints"),
                "endpoint " + endpoint.address() + " inside the mesh without an identity",
                "give it a serviceAccount, or the ServiceEntry subjectAltNames");
      }
    }
  }
}
