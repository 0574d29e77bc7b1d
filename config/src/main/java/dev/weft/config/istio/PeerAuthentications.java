package dev.weft.config.istio;

import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.PeerAuthentication.Mode;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a PeerAuthentication. */
final class PeerAuthentications {

  private static final int LAST_PORT = 65535;

  private PeerAuthentications() {}

  static PeerAuthentication read(Meta meta, Fields spec) {
    Map<String, String> selector = spec.matchLabels("selector");
    Mode mode = spec.object("mtls").map(PeerAuthentications::mode).orElse(Mode.UNSET);
    Map<Integer, Mode> ports = new LinkedHashMap<>();
    Optional<Fields> levels = spec.object("portLevelMtls");
    for (YamlNode.Entry entry : levels.map(Fields::entries).orElse(List.of())) {
      if (entry.key().matches("[1-9]\\d{0,4}") && Integer.parseInt(entry.key()) <= LAST_PORT) {
        String path = spec.path("portLevelMtls") + "." + entry.key();
        Fields fields = Fields.of(entry.value(), path, spec.problems());
        ports.put(Integer.parseInt(entry.key()), mode(fields));
      } else {
        spec.error(
            Codes.OUT_OF_RANGE,
            "portLevelMtls",
            "port '" + entry.key() + "' (expected: 1 to 65535)",
            "");
      }
    }
    if (!ports.isEmpty() && selector.isEmpty()) {
      spec.error(
          Codes.CONFLICT, "portLevelMtls", "portLevelMtls without a selector", "name the workload");
    }
    if (!selector.isEmpty() && Meta.ROOT_NAMESPACES.contains(meta.namespace())) {
      spec.error(
          Codes.SECURITY_NOT_HONOURED,
          "selector",
          "a selector in the root namespace selects nobody (expected: none)",
          "move it to the namespace of the workload");
    }
    spec.done();
    return new PeerAuthentication(meta, selector, mode, ports);
  }

  private static Mode mode(Fields fields) {
    Mode mode = fields.word("mode", Mode.class).orElse(Mode.UNSET);
    fields.done();
    return mode;
  }
}
