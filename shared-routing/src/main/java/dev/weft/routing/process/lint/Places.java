package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Place;
import dev.weft.routing.process.lint.cover.Demands;
import dev.weft.routing.process.lint.cover.Rule;
import dev.weft.routing.process.lint.cover.Site;
import dev.weft.routing.process.lint.cover.Vantage;
import dev.weft.routing.route.Conditions;
import dev.weft.routing.route.Entry;
import dev.weft.routing.route.RouteTable.HostRules;
import dev.weft.routing.route.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where rules stand in what the user wrote, and which of them are tried for which hosts. */
final class Places {

  private static final String RULES = "spec.http";

  private final Map<String, VirtualService> services = new HashMap<>();
  private final IdentityHashMap<HttpRoute, String> fields = new IdentityHashMap<>();

  Places(MeshConfig config) {
    config.virtualServices().forEach(this::add);
  }

  /** A rule of a delegate has another index there than among its root's rules. */
  private void add(VirtualService service) {
    services.put(service.meta().qualifiedName(), service);
    boolean own = true;
    Place before = service.meta().place();
    for (HttpRoute rule : service.http()) {
      own &= rule.place().file().equals(before.file()) && rule.place().compareTo(before) > 0;
      before = rule.place();
    }
    for (int i = 0; i < service.http().size(); i++) {
      fields.put(service.http().get(i), own ? RULES + "[" + i + "]" : RULES);
    }
  }

  /** Where a rule stands in its resource. */
  String field(HttpRoute rule) {
    return fields.getOrDefault(rule, RULES);
  }

  /** The hosts of a vantage that requests come in for. */
  List<Site> sites(Vantage vantage) {
    Set<String> known = new HashSet<>(vantage.table().hosts());
    return vantage.table().hostRules().stream()
        .map(
            rules ->
                new HostRules(
                    rules.hosts().stream().filter(vantage::takes).toList(), rules.entries()))
        .filter(rules -> !rules.hosts().isEmpty())
        .map(rules -> new Site(vantage, rules, known, false))
        .toList();
  }

  /** What is tried for the hosts, in its order. */
  List<Rule> tried(Site site) {
    List<Rule> all = new ArrayList<>();
    for (Entry entry : site.entries()) {
      HttpRoute rule = entry.route().rule();
      all.add(
          new Rule(
              entry.order(),
              entry.route().service(),
              rule,
              entry.route().id().name(),
              field(rule, entry.place()),
              entry.place(),
              new Demands(entry.conditions())));
    }
    return all;
  }

  private String field(HttpRoute rule, Place place) {
    String field = field(rule);
    for (int i = 0; i < rule.matches().size() && !field.equals(RULES); i++) {
      if (rule.matches().get(i).place().equals(place)) {
        return field + ".match[" + i + "]";
      }
    }
    return field;
  }

  /** Rules of the same resources behind one that takes all, which no table has. */
  List<Rule> behind(Site site) {
    Set<String> names = new LinkedHashSet<>();
    site.entries().forEach(entry -> names.add(entry.route().service().qualifiedName()));
    List<Rule> all = new ArrayList<>();
    for (String name : names) {
      Optional.ofNullable(services.get(name))
          .ifPresent(
              service ->
                  site.vantage().scopes().stream()
                      .filter(scope -> scope.sees(service))
                      .forEach(scope -> behind(site, service, scope, all)));
    }
    return all;
  }

  private void behind(Site site, VirtualService service, Scope scope, List<Rule> all) {
    boolean taken = false;
    for (int i = 0; i < service.http().size(); i++) {
      HttpRoute rule = service.http().get(i);
      String name = service.ruleName(i);
      boolean open = rule.matches().isEmpty() && scope.lists(service.gateways());
      if (taken && open) {
        all.add(rule(site, service, rule, name, rule.place(), new Demands(List.of())));
      }
      boolean whole = open;
      for (HttpMatch match : rule.matches()) {
        if (scope.holds(service, match.gateways(), match.sourceLabels(), match.sourceNamespace())) {
          Demands asks = new Demands(Conditions.of(match, scope.mesh()));
          if (taken) {
            all.add(rule(site, service, rule, name, match.place(), asks));
          }
          whole |= asks.conditions().isEmpty();
        }
      }
      taken |= whole;
    }
  }

  private Rule rule(
      Site site, VirtualService of, HttpRoute rule, String name, Place place, Demands asks) {
    int order = site.entries().size();
    return new Rule(order, of.meta(), rule, name, field(rule, place), place, asks);
  }
}
