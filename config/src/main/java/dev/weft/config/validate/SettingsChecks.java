package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.settings.Acme;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.settings.ProxySettings.Reach;
import dev.weft.config.model.settings.RateLimit.Scope;
import dev.weft.config.model.settings.Redis;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.RouteSettings.Match;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.Nearest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** ProxySettings that speak of the same workloads, or of rules and services that are not there. */
final class SettingsChecks {

  private final Catalogue catalogue;
  private final Problems problems;
  private final Set<String> rules = new LinkedHashSet<>();

  private SettingsChecks(MeshConfig config, Catalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
    config.virtualServices().forEach(this::named);
  }

  /** Rules have the names that {@code weft explain} tells; those of a delegate are its root's. */
  private void named(VirtualService service) {
    for (int i = 0; i < service.http().size(); i++) {
      rules.add(service.ruleName(i));
    }
  }

  /**
   * @param config delegates already merged
   */
  static void check(MeshConfig config, Problems problems) {
    if (config.proxySettings().isEmpty()) {
      return;
    }
    SettingsChecks checks = new SettingsChecks(config, new Catalogue(config), problems);
    List<ProxySettings> all = config.proxySettings();
    for (int i = 0; i < all.size(); i++) {
      ProxySettings one = all.get(i);
      all.subList(0, i).stream()
          .filter(older -> together(older, one))
          .findFirst()
          .ifPresent(older -> checks.overlap(one, older));
      checks.matches(one);
      checks.counted(one, all);
      one.blocks().acme().ifPresent(acme -> checks.obtained(acme, config));
    }
  }

  /** Limits for all proxies together need a place where they are counted. */
  private void counted(ProxySettings one, List<ProxySettings> all) {
    List<RouteSettings> routes = one.blocks().routes();
    for (int i = 0; i < routes.size(); i++) {
      boolean shared =
          routes.get(i).rateLimit().filter(limit -> limit.scope() == Scope.REDIS).isPresent();
      if (shared && all.stream().noneMatch(other -> tellsRedis(one, other))) {
        problems.error(
            Codes.MISSING_FIELD,
            routes.get(i).place(),
            "spec.routes[" + i + "].rateLimit.scope",
            "scope redis without a Redis (expected: spec.redis.url here or in wider settings)",
            "with scope local each proxy counts by itself");
      }
    }
  }

  /** A certificate that nobody shows is obtained for nothing. */
  private void obtained(Acme acme, MeshConfig config) {
    for (int i = 0; i < acme.certificates().size(); i++) {
      Acme.Certificate one = acme.certificates().get(i);
      boolean shown =
          config.gateways().stream()
              .anyMatch(
                  gateway ->
                      gateway.servers().stream()
                          .flatMap(server -> server.tls().stream())
                          .map(tls -> gateway.meta().namespace() + "/" + tls.credentialName())
                          .anyMatch(one.credential()::equals));
      if (!shown) {
        problems.warning(
            Codes.UNATTACHED,
            one.place(),
            "spec.acme.certificates[" + i + "].credentialName",
            "no server of a Gateway shows '"
                + one.credential()
                + "'"
                + one.hosts().stream()
                    .findFirst()
                    .map(host -> "; e.g. GET https://" + host + "/ --gateway is not shown it")
                    .orElse(""),
            "write credentialName: "
                + one.credential().substring(one.credential().indexOf('/') + 1)
                + " into the tls of a server in that namespace");
      }
    }
  }

  private static boolean tellsRedis(ProxySettings one, ProxySettings other) {
    boolean wider = other.reach().compareTo(one.reach()) < 0;
    return (wider || other.equals(one)) && other.blocks().redis().filter(Redis::there).isPresent();
  }

  /** Whether two of one reach may both hold for some workload, so that only the older counts. */
  private static boolean together(ProxySettings first, ProxySettings second) {
    boolean mesh =
        Meta.ROOT_NAMESPACES.contains(first.meta().namespace())
            || Meta.ROOT_NAMESPACES.contains(second.meta().namespace());
    boolean near = mesh || first.meta().namespace().equals(second.meta().namespace());
    return first.reach() == second.reach()
        && (first.reach() == Reach.MESH || near)
        && first.selector().entrySet().stream().allMatch(label -> agrees(second, label));
  }

  private static boolean agrees(ProxySettings other, Map.Entry<String, String> label) {
    String wanted = other.selector().get(label.getKey());
    return wanted == null || wanted.equals(label.getValue());
  }

  private void overlap(ProxySettings one, ProxySettings older) {
    String name =
        "ProxySettings " + older.meta().qualifiedName() + " (" + older.meta().place() + ")";
    boolean same = one.selector().equals(older.selector());
    problems.warning(
        Codes.MERGED,
        one.meta().place(),
        same && one.selector().isEmpty() ? "metadata.name" : "spec.selector",
        same
            ? "the same workloads as " + name + ": this one does not count"
            : "a workload may be selected by " + name + " too: there this one does not count",
        same ? "remove one of them" : "give both a label that tells their workloads apart");
  }

  private void matches(ProxySettings one) {
    for (int i = 0; i < one.blocks().routes().size(); i++) {
      Match match = one.blocks().routes().get(i).match();
      Place place = one.blocks().routes().get(i).place();
      String path = "spec.routes[" + i + "].match";
      if (match instanceof Match.Route route && !rules.contains(route.name())) {
        unknownRule(place, path, route.name());
      } else if (match instanceof Match.Host host && catalogue.ports(host.host()).isEmpty()) {
        problems.warning(
            Codes.UNKNOWN_HOST,
            place,
            path + ".host",
            "no service '" + host.host() + "'" + Hosts.existing(catalogue.known()),
            "it holds for nothing until a Service or ServiceEntry of that name is there");
      }
    }
  }

  private void unknownRule(Place place, String path, String name) {
    String service = name.substring(0, name.indexOf('#') + 1);
    List<String> there = rules.stream().filter(rule -> rule.startsWith(service)).toList();
    Optional<String> near = there.isEmpty() ? Nearest.to(name, rules) : Optional.empty();
    problems.warning(
        Codes.UNKNOWN_RULE,
        place,
        path + ".route",
        "no rule '" + name + "'",
        there.isEmpty()
            ? near.map(rule -> "did you mean '" + rule + "'?")
                .orElse("it holds for nothing until a VirtualService has it")
            : "there are: " + String.join(", ", there));
  }
}
