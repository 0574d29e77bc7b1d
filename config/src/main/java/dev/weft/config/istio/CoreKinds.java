package dev.weft.config.istio;

import dev.weft.config.model.Meta;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads core Service, EndpointSlice and Secret from files. Of Kubernetes' many fields only those
 * are read that routing needs; the API server checks the rest.
 */
final class CoreKinds {

  private static final int LAST_PORT = 65535;
  private static final Pattern ACCOUNT = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  private CoreKinds() {}

  static Service service(Meta meta, Fields root) {
    Optional<Fields> spec = root.object("spec");
    List<Service.Port> ports = new ArrayList<>();
    for (Fields fields : spec.map(s -> s.objects("ports")).orElse(List.of())) {
      int number = fields.integer("port", 1, LAST_PORT, 0);
      if (!fields.has("port")) {
        fields.error(Codes.MISSING_FIELD, "port", "port is missing (expected: 1 to 65535)", "");
      }
      ports.add(
          new Service.Port(
              fields.text("name", ""),
              number,
              fields.text("appProtocol", ""),
              fields.text("targetPort", "")));
    }
    return new Service(
        meta,
        ports,
        spec.map(s -> s.textMap("selector")).orElse(Map.of()),
        spec.map(s -> s.text("externalName", "")).orElse(""),
        accounts(root));
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
    if (text.isEmpty()
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
      fields
          .integer("port", 1, LAST_PORT)
          .ifPresent(port -> ports.put(fields.text("name", ""), port));
    }
    List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
    for (Fields fields : root.objects("endpoints")) {
      endpoints.add(endpoint(fields));
    }
    return new EndpointSlice(meta, service, ports, endpoints);
  }

  private static EndpointSlice.Endpoint endpoint(Fields fields) {
    Optional<Fields> conditions = fields.object("conditions");
    return new EndpointSlice.Endpoint(
        fields.texts("addresses"),
        conditions.map(c -> c.flag("ready", true)).orElse(true),
        conditions.map(c -> c.flag("terminating", false)).orElse(false),
        fields.text("zone", ""),
        fields.textMap("deprecatedTopology"),
        "");
  }

  static Secret secret(Meta meta, Fields root) {
    Map<String, String> data = new LinkedHashMap<>(root.textMap("stringData"));
    for (Map.Entry<String, String> entry : root.textMap("data").entrySet()) {
      try {
        byte[] bytes = Base64.getMimeDecoder().decode(entry.getValue());
        data.put(entry.getKey(), new String(bytes, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        root.error(Codes.UNKNOWN_VALUE, "data", "key " + entry.getKey() + " is no base64", "");
      }
    }
    return new Secret(meta, data);
  }
}
