package dev.weft.config.istio.route;

import dev.weft.config.istio.HostNames;
import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code tls[]} and {@code tcp[]} of a VirtualService. */
public final class ConnectionRoutes {

  private static final String TCP = "tcp";
  private static final int LAST_PORT = 65535;

  private final Destinations destinations;
  private final String namespace;
  private final List<String> hosts;

  /**
   * @param namespace of the VirtualService
   * @param hosts of the VirtualService, in full
   */
  public ConnectionRoutes(Destinations destinations, String namespace, List<String> hosts) {
    this.destinations = destinations;
    this.namespace = namespace;
    this.hosts = List.copyOf(hosts);
  }

  /** Rules for TLS that is carried as it is: each match names the handshakes that it is for. */
  public List<ConnectionRoute> tls(Fields spec) {
    List<ConnectionRoute> all = new ArrayList<>();
    for (Fields rule : spec.objects("tls")) {
      if (rule.objects("match").isEmpty()) {
        rule.error(
            Codes.MISSING_FIELD, "match", "no match (expected: at least one, of sniHosts)", "");
      }
      all.add(route(rule, true));
    }
    UnreachedConnections.tell(spec, "tls", all);
    return all;
  }

  /** Rules for everything else. */
  public List<ConnectionRoute> tcp(Fields spec) {
    List<ConnectionRoute> all = new ArrayList<>();
    for (Fields rule : spec.objects(TCP)) {
      all.add(route(rule, false));
    }
    UnreachedConnections.tell(spec, TCP, all);
    return all;
  }

  private ConnectionRoute route(Fields rule, boolean tls) {
    List<ConnectionMatch> matches = new ArrayList<>();
    for (Fields match : rule.objects("match")) {
      matches.add(match(match, tls));
    }
    List<WeightedDestination> to = destinations.read(rule, none -> HeaderEdits.NONE);
    if (!rule.has("route")) {
      rule.error(Codes.MISSING_FIELD, "route", "no destination (expected: at least one)", "");
    }
    rule.done();
    return new ConnectionRoute(matches, to, rule.place());
  }

  private ConnectionMatch match(Fields fields, boolean tls) {
    List<String> names =
        tls ? fields.texts("sniHosts").stream().map(Fields::lower).toList() : List.of();
    if (tls) {
      names.forEach(name -> name(fields, name));
      if (names.isEmpty()) {
        fields.error(Codes.MISSING_FIELD, "sniHosts", "no sniHosts (expected: at least one)", "");
      }
    }
    List<String> subnets = fields.texts("destinationSubnets");
    subnets.forEach(subnet -> subnet(fields, subnet));
    ConnectionMatch match =
        new ConnectionMatch(
            names,
            subnets,
            fields.integer("port", 1, LAST_PORT),
            fields.textMap("sourceLabels"),
            fields.text("sourceNamespace", ""),
            GatewayNames.read(fields, namespace),
            fields.place());
    fields.notHonoured("sourceSubnet");
    fields.done();
    return match;
  }

  /** What the hosts do not cover belongs to somebody else. */
  private void name(Fields fields, String name) {
    HostNames.check(fields, "sniHosts", name);
    boolean within =
        hosts.stream()
            .anyMatch(host -> HostNames.covers(host, name) || host.equals(destinations.full(name)));
    if (!within && !hosts.isEmpty()) {
      fields.error(
          Codes.HOST,
          "sniHosts",
          "server name '"
              + name
              + "' (expected: within spec.hosts: "
              + String.join(", ", hosts)
              + ")",
          "add it to spec.hosts");
    }
  }

  private static void subnet(Fields fields, String subnet) {
    if (!HostNames.network(subnet)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "destinationSubnets",
          "'" + Fields.shortened(subnet) + "' (expected: an IP address, or ADDRESS/BITS)",
          "");
    }
  }
}
