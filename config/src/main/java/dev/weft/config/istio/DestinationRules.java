package dev.weft.config.istio;

import dev.weft.config.istio.balance.Annotations;
import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.Meta;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a DestinationRule. */
final class DestinationRules {

  private final HostNames hosts;

  DestinationRules(HostNames hosts) {
    this.hosts = hosts;
  }

  /**
   * @param annotations {@code metadata.annotations}
   */
  DestinationRule read(Meta meta, Fields spec, Fields annotations) {
    Annotations said = new Annotations(annotations);
    String host = spec.required("host", "the name of a service");
    if (!host.isEmpty()) {
      HostNames.check(spec, "host", host);
    }
    DestinationRule rule =
        new DestinationRule(
            meta,
            hosts.resolve(host, meta.namespace()),
            VirtualServices.exportTo(meta, spec),
            spec.matchLabels("workloadSelector"),
            said.applied(
                spec.object("trafficPolicy")
                    .map(fields -> TrafficPolicies.read(fields, said.simple()))
                    .orElse(TrafficPolicy.NONE)),
            said.healthCheck(),
            subsets(spec, said));
    said.look(rule);
    spec.done();
    return rule;
  }

  private static List<Subset> subsets(Fields spec, Annotations said) {
    List<Subset> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields fields : spec.objects("subsets")) {
      String name = fields.required("name", "a DNS label");
      if (!name.isEmpty() && !name.matches("[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?")) {
        fields.error(
            Codes.UNKNOWN_VALUE, "name", "name '" + name + "' (expected: a DNS label)", "");
      }
      if (!names.add(name)) {
        fields.error(Codes.DUPLICATE_NAME, "name", "subset '" + name + "' a second time", "");
      }
      all.add(
          new Subset(
              name,
              fields.textMap("labels"),
              fields
                  .object("trafficPolicy")
                  .map(policy -> said.rated(TrafficPolicies.read(policy, said.simple()))),
              fields.place()));
      fields.done();
    }
    return all;
  }
}
