package dev.weft.config.istio;

import dev.weft.config.model.Meta;
import dev.weft.config.model.Sidecar;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.Map;
import java.util.Optional;

/** Reads a Sidecar. */
final class Sidecars {

  private Sidecars() {}

  static Sidecar read(Meta meta, Fields spec) {
    Optional<Fields> selector = spec.object("workloadSelector");
    Map<String, String> labels = selector.map(one -> one.textMap("labels")).orElse(Map.of());
    selector.ifPresent(Fields::done);
    if (!labels.isEmpty() && Meta.ROOT_NAMESPACES.contains(meta.namespace())) {
      spec.warning(
          Codes.TRAP,
          "workloadSelector",
          "a workloadSelector in the root namespace selects nobody",
          "move it to the namespace of the workload");
    }
    Optional<Fields> policy = spec.object("outboundTrafficPolicy");
    Optional<Unknown> mode = policy.flatMap(one -> one.word("mode", Unknown.class));
    policy.ifPresent(
        one -> {
          one.notHonoured("egressProxy");
          one.done();
        });
    spec.notHonoured("egress", "ingress", "inboundConnectionPool");
    spec.done();
    return new Sidecar(meta, labels, mode);
  }
}
