package dev.weft.config.istio;

import dev.weft.config.model.Meta;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads core Service, EndpointSlice and Secret from files. Of Kubernetes' many fields only those
 * are read that routing needs; the API server checks the rest.
 */
final class CoreKinds {

  private static final int LAST_PORT = 65535;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
  private static final String NO_ADDRESS = "None"; // of a headless Service
  private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  private CoreKinds() {}

  static Service service(Meta meta, Fields root) {
    Optional<Fields> spec = root.object("spec");
    List<String> addresses = spec.map(CoreKinds::addresses).orElse(List.of());
    Service service =
        new Service(
            meta,
            spec.map(fields -> ports(fields, opaque(root))).orElse(List.of()),
            spec.map(s -> s.textMap("selector")).orElse(Map.of()),
            spec.map(s -> s.text("externalName", "")).orElse(""),
            addresses.stream().filter(address -> !address.equals(NO_ADDRESS)).toList(),
            addresses.contains(NO_ADDRESS),
            accounts(root));
    spec.ifPresent(CoreKinds::rest);
    root.passedOver("apiVersion", "kind", "metadata", "status");
    root.done();
    return service;
  }

  /** The API server writes both fields; files often have the older one alone. */
  private static List<String> addresses(Fields spec) {
    List<String> all = spec.texts("clusterIPs");
    String first = spec.text("clusterIP", "");
    return all.isEmpty() && !first.isEmpty() ? List.of(first) : all;
  }

  private static List<Service.Port> ports(Fields spec, Predicate<Integer> opaque) {
    List<Service.Port> ports = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields fields : spec.objects("ports")) {
      int number = fields.integer("port", 1, LAST_PORT, 0);
      if (!fields.has("port")) {
        fields.error(Codes.MISSING_FIELD, "port", "port is missing (expected: 1 to 65535)", "");
      }
      String name = fields.text("name", "");
      if (!names.add(name)) {
        fields.error(Codes.DUPLICATE_NAME, "name", "port '" + name + "' a second time", "");
      }
      tcp(fields);
      fields.passedOver("nodePort");
      ports.add(
          new Service.Port(
              name,
              number,
              fields.text("appProtocol", ""),
              opaque.test(number),
              fields.text("targetPort", "")));
      fields.done();
    }
    return ports;
  }

  /** Which ports an annotation names. */
  private static Predicate<Integer> opaque(Fields root) {
    Optional<Fields> annotations = root.object("metadata").flatMap(m -> m.object("annotations"));
    String text = annotations.map(all -> all.text(Service.OPAQUE_PORTS, "")).orElse("");
    Predicate<Integer> named = port -> false;
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (range.matches()) {
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        named = named.or(port -> port >= first && port <= last);
      } else {
        annotations
            .get()
            .error(
                Codes.UNKNOWN_VALUE,
                Service.OPAQUE_PORTS,
                "'" + part.strip() + "' (expected: a port, or FIRST-LAST)",
                "");
      }
    }
    return named;
  }

  private static void tcp(Fields port) {
    port.text("protocol")
        .filter(protocol -> !protocol.equals("TCP"))
        .ifPresent(
            protocol ->
                port.warning(
                    Codes.NOT_HONOURED,
                    "protocol",
                    protocol + " is not honoured by this version",
                    "only TCP is proxied"));
  }

  /** What would change where requests go, and what would not. */
  private static void rest(Fields spec) {
    spec.notHonoured("externalName", "trafficDistribution", "sessionAffinityConfig");
    notHonouredBut("None", spec, "sessionAffinity");
    notHonouredBut("Cluster", spec, "internalTrafficPolicy");
    notHonouredBut("false", spec, "publishNotReadyAddresses");
    spec.passedOver(
        "type",
        "externalIPs",
        "loadBalancerIP",
        "loadBalancerSourceRanges",
        "loadBalancerClass",
        "allocateLoadBalancerNodePorts",
        "externalTrafficPolicy",
        "healthCheckNodePort",
        "ipFamilies",
        "ipFamilyPolicy");
    spec.done();
  }

  private static void notHonouredBut(String usual, Fields spec, String name) {
    if (spec.text(name).filter(value -> !value.equals(usual)).isPresent()) {
      spec.notHonoured(name);
    }
  }

  private static Set<String> accounts(Fields root) {
    Set<String> accounts = new LinkedHashSet<>();
    Optional<Fields> annotations = root.object("metadata").flatMap(m -> m.object("annotations"));
    String text = annotations.map(all -> all.text(Service.ACCOUNTS, "")).orElse("");
    for (String account : text.split(",", -1)) {
      String name = account.strip();
      if (ACCOUNT.matcher(name).matches()) {
        accounts.add(name);
      } else if (!text.isEmpty()) {
        annotations
            .get()
            .error(
                Codes.UNKNOWN_VALUE,
                Service.ACCOUNTS,
                "'" + name + "' is no name of a service account (expected: e.g. reviews)",
                "names of the Service's own namespace, separated by commas");
      }
    }
    String by = annotations.map(all -> all.text(Service.IDENTITIES, "")).orElse("");
    if (text.isEmpty()
        && !by.equals(Service.BY_PODS)
        && !root.object("spec").map(spec -> spec.has("externalName")).orElse(false)) {
      root.warning(
          Codes.NO_IDENTITY,
          "metadata",
          "it names no service account: its endpoints are taken to be outside the mesh, no TLS",
          "annotate it with " + Service.ACCOUNTS + ": NAME to reach them over mTLS");
    }
    return accounts;
  }

  static EndpointSlice slice(Meta meta, Fields root) {
    String service = meta.labels().getOrDefault("kubernetes.io/service-name", "");
    if (service.isEmpty()) {
      root.error(
          Codes.MISSING_FIELD,
          "metadata",
          "label kubernetes.io/service-name is missing (expected: the Service's name)",
          "");
    }
    Map<String, Integer> ports = new LinkedHashMap<>();
    for (Fields fields : root.objects("ports")) {
      String name = fields.text("name", "");
      fields.integer("port", 1, LAST_PORT).ifPresent(port -> ports.put(name, port));
      tcp(fields);
      fields.passedOver("appProtocol"); // the Service's counts
      fields.done();
    }
    List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
    for (Fields fields : root.objects("endpoints")) {
      endpoints.add(endpoint(fields));
    }
    if (root.text("addressType").filter(type -> type.equals("FQDN")).isPresent()) {
      root.notHonoured("addressType");
    }
    root.passedOver("apiVersion", "kind", "metadata");
    root.done();
    return new EndpointSlice(meta, service, ports, endpoints);
  }

  private static EndpointSlice.Endpoint endpoint(Fields fields) {
    Optional<Fields> conditions = fields.object("conditions");
    Map<String, String> labels = new LinkedHashMap<>(fields.textMap("deprecatedTopology"));
    String account = labels.getOrDefault(EndpointSlice.ACCOUNT, "");
    labels.remove(EndpointSlice.ACCOUNT);
    if (!account.isEmpty() && !ACCOUNT.matcher(account).matches()) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "deprecatedTopology",
          "'" + account + "' is no name of a service account (expected: e.g. reviews)",
          "");
    }
    EndpointSlice.Endpoint endpoint =
        new EndpointSlice.Endpoint(
            fields.texts("addresses"),
            conditions.map(c -> c.flag("ready", true)).orElse(true),
            conditions.map(c -> c.flag("terminating", false)).orElse(false),
            fields.text("zone", ""),
            labels,
            account);
    if (endpoint.addresses().isEmpty()) {
      fields.error(Codes.MISSING_FIELD, "addresses", "no addresses (expected: at least one)", "");
    }
    conditions.ifPresent(
        c -> {
          c.flag("serving", true); // ready and not terminating says it
          c.done();
        });
    fields.notHonoured("hints");
    fields.passedOver("hostname", "nodeName", "targetRef");
    fields.done();
    return endpoint;
  }

  static Secret secret(Meta meta, Fields root) {
    Map<String, String> data = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : secrets(root, "data").entrySet()) {
      try {
        byte[] bytes = Base64.getMimeDecoder().decode(entry.getValue());
        boolean text = !entry.getKey().equals(Secret.OCSP_STAPLE);
        data.put(
            entry.getKey(), text ? new String(bytes, StandardCharsets.UTF_8) : entry.getValue());
      } catch (IllegalArgumentException e) {
        root.error(Codes.UNKNOWN_VALUE, "data", "key " + entry.getKey() + " is no base64", "");
      }
    }
    data.putAll(secrets(root, "stringData")); // wins, as in Kubernetes
    root.passedOver("apiVersion", "kind", "metadata", "type", "immutable");
    root.done();
    return new Secret(meta, data);
  }

  /** As {@code textMap}; what stands there instead is not shown, since it may be a key. */
  private static Map<String, String> secrets(Fields root, String name) {
    if (root.node(name).filter(node -> !(node instanceof YamlNode.Mapping)).isPresent()) {
      root.error(Codes.WRONG_TYPE, name, "not shown (expected: a mapping)", "");
      return Map.of();
    }
    return root.textMap(name);
  }
}
