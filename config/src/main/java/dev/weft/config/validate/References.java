package dev.weft.config.validate;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.DestinationRule.Subset;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.Destination;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether the service, port and subset that a rule names exist. What does not is a warning, as in
 * Istio: existence is a matter of run time.
 */
final class References {

  private final Catalogue catalogue;
  private final Problems problems;

  private References(Catalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
  }

  static void check(MeshConfig config, Catalogue catalogue, Problems problems) {
    References references = new References(catalogue, problems);
    config.virtualServices().forEach(references::check);
  }

  private void check(VirtualService service) {
    for (int i = 0; i < service.http().size(); i++) {
      HttpRoute rule = service.http().get(i);
      if (rule.action() instanceof HttpAction.Route route) {
        for (int j = 0; j < route.destinations().size(); j++) {
          Destination to = route.destinations().get(j).destination();
          if (!stands(to)) {
            String path = "spec.http[" + i + "].route[" + j + "].destination";
            tell(path, to, "requests get 503");
          }
        }
      }
      for (int j = 0; j < rule.mirrors().size(); j++) {
        Destination to = rule.mirrors().get(j).destination();
        if (!stands(to)) {
          boolean one = rule.mirrors().size() == 1;
          String mirror = one ? ".mirror" : ".mirrors[" + j + "].destination";
          tell("spec.http[" + i + "]" + mirror, to, "copies are lost");
        }
      }
    }
    check("tls", service.tls());
    check("tcp", service.tcp());
  }

  private void check(String kind, List<ConnectionRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      List<WeightedDestination> all = rules.get(i).destinations();
      for (int j = 0; j < all.size(); j++) {
        Destination to = all.get(j).destination();
        if (!stands(to)) {
          String path = "spec." + kind + "[" + i + "].route[" + j + "].destination";
          tell(path, to, "connections are reset");
        }
      }
    }
  }

  /** Whether there is nothing to tell of it; one without host was told where it was read. */
  private boolean stands(Destination to) {
    return to.host().isEmpty()
        || (hasPort(to) && (to.subset().isEmpty() || catalogue.defines(to.host(), to.subset())));
  }

  private boolean hasPort(Destination to) {
    Optional<Set<Integer>> ports = catalogue.ports(to.host());
    return ports.isPresent() && (to.port().isEmpty() || ports.get().contains(to.port().getAsInt()));
  }

  /**
   * @param meanwhile what becomes of whatever goes there
   */
  private void tell(String path, Destination to, String meanwhile) {
    Optional<Set<Integer>> ports = catalogue.ports(to.host());
    if (ports.isEmpty()) {
      problems.warning(
          Codes.UNKNOWN_HOST,
          to.place(),
          path + ".host",
          "no service '" + to.host() + "'" + Hosts.existing(catalogue.known()),
          meanwhile + " until a Service or ServiceEntry of that name is there");
      return;
    }
    if (!hasPort(to)) {
      List<String> there = ports.get().stream().map(port -> Integer.toString(port)).toList();
      problems.warning(
          Codes.UNKNOWN_PORT,
          to.place(),
          path + ".port",
          "port " + to.port().orElse(0) + " of " + to.host() + Hosts.existing(there),
          meanwhile + " until it is there");
    }
    if (!to.subset().isEmpty() && !catalogue.defines(to.host(), to.subset())) {
      undefined(path + ".subset", to);
    }
  }

  private void undefined(String field, Destination to) {
    List<DestinationRule> all = catalogue.rules(to.host());
    List<Subset> subsets = all.stream().flatMap(rule -> rule.subsets().stream()).toList();
    String until = "until then it means the label version: " + to.subset();
    if (all.isEmpty()) {
      problems.warning(
          Codes.UNKNOWN_SUBSET,
          to.place(),
          field,
          "subset '" + to.subset() + "' is not defined: no DestinationRule for " + to.host(),
          "add one; " + until);
      return;
    }
    DestinationRule rule = all.get(0);
    String names = subsets.stream().map(Subset::name).collect(Collectors.joining(", "));
    String known = names.isEmpty() ? "it defines none" : "it defines " + names;
    String where =
        subsets.isEmpty() ? rule.meta().place().toString() : subsets.get(0).place().toString();
    String write =
        subsets.isEmpty() ? "add it to " : "write " + subsets.get(0).name() + ", or add it to ";
    problems.warning(
        Codes.UNKNOWN_SUBSET,
        to.place(),
        field,
        "subset '"
            + to.subset()
            + "' is not defined by DestinationRule "
            + rule.meta().qualifiedName()
            + " ("
            + known
            + ")",
        write + where + "; " + until);
  }
}
