package dev.weft.routing.process;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.AdminView.Share;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.match.MatchText;
import dev.weft.routing.route.tcp.ConnectionRule;
import dev.weft.routing.snapshot.Redirection;
import dev.weft.routing.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The rules of a snapshot as the admin API shows them: of requests, then of connections. */
final class RouteViews {

  private static final int ALL = 100; // weight of an only destination

  private RouteViews() {}

  static List<AdminView.Route> of(Snapshot snapshot) {
    Stream<AdminView.Route> requests =
        tables(snapshot).flatMap(table -> table.routes().stream().map(route -> view(table, route)));
    return Stream.concat(requests, connections(snapshot).distinct()).toList();
  }

  /** The names of all rules: of requests and of connections. */
  static Set<String> names(Snapshot snapshot) {
    Set<String> names = new HashSet<>();
    tables(snapshot).forEach(table -> table.routes().forEach(one -> names.add(one.id().name())));
    snapshot.redirection().ifPresent(all -> all.rules().forEach(one -> names.add(one.name())));
    snapshot
        .gateway()
        .values()
        .forEach(port -> port.connections().rules().rules().forEach(one -> names.add(one.name())));
    return names;
  }

  private static Stream<RouteTable> tables(Snapshot snapshot) {
    return Stream.concat(
        Stream.of(snapshot.mesh().table()),
        snapshot.gateway().values().stream().flatMap(port -> port.tables().stream()));
  }

  private static Stream<AdminView.Route> connections(Snapshot snapshot) {
    Optional<Redirection> redirection = snapshot.redirection();
    Stream<AdminView.Route> meant =
        redirection.stream().flatMap(all -> all.rules().stream()).map(rule -> view(rule, 0));
    Stream<AdminView.Route> ports =
        snapshot.gateway().entrySet().stream()
            .flatMap(
                port ->
                    port.getValue().connections().rules().rules().stream()
                        .map(rule -> view(rule, port.getKey())));
    return Stream.concat(meant, ports);
  }

  private static AdminView.Route view(RouteTable table, CompiledRoute route) {
    List<Share> shares = new ArrayList<>();
    List<WeightedDestination> destinations = route.destinations();
    for (int i = 0; i < destinations.size(); i++) {
      int weight = destinations.size() == 1 ? ALL : destinations.get(i).weight();
      shares.add(new Share(route.clusters().get(i).toString(), weight));
    }
    String action = route.rule().action() instanceof HttpAction.Route ? "" : "answers itself";
    return new AdminView.Route(
        table.hosts(route),
        route.id().name(),
        MatchText.of(route.rule().matches()),
        action,
        shares,
        route.rule().place().toString());
  }

  /**
   * One of connections.
   *
   * @param port that they go to; 0 where it may be any
   */
  private static AdminView.Route view(ConnectionRule rule, int port) {
    List<Share> shares = new ArrayList<>();
    List<ClusterName> clusters = rule.clusters(port);
    for (int i = 0; i < clusters.size(); i++) {
      int weight = clusters.size() == 1 ? ALL : rule.weights().get(i);
      shares.add(new Share(clusters.get(i).toString(), weight));
    }
    return new AdminView.Route(
        rule.hosts(), rule.name(), matches(rule.matches()), "", shares, rule.place().toString());
  }

  private static String matches(int count) {
    return count == 0 ? "every connection" : count == 1 ? "1 match" : count + " matches";
  }
}
