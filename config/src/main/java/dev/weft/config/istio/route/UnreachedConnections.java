package dev.weft.config.istio.route;

import dev.weft.config.model.VirtualService;
import dev.weft.config.model.security.IpBlock;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Matches of connections that do nothing, since one above takes all that they would. What is not
 * certain is not told: of several names in handshakes the closest counts, whatever stands above it,
 * and in the mesh a rule with destinationSubnets also gets connections to where nothing is known,
 * which one without does not.
 */
final class UnreachedConnections {

  private static final String TLS = "tls";
  private static final String USUAL = "default"; // whence it comes where nobody says
  private static final int TLS_PORT = 443; // of an example, where any port does
  private static final int TCP_PORT = 5432;
  private static final String ADDRESS = "192.0.2.1"; // where any does (RFC 5737)
  private static final ConnectionMatch ANY =
      new ConnectionMatch(
          List.of(), List.of(), OptionalInt.empty(), Map.of(), "", List.of(), Place.of(""));

  private final String kind;
  private final List<ConnectionRoute> rules;
  private final String host;
  private final List<String> gateways;
  private final String from;

  private UnreachedConnections(
      String kind,
      List<ConnectionRoute> rules,
      List<String> hosts,
      List<String> gateways,
      List<String> exportTo) {
    this.kind = kind;
    this.rules = rules;
    this.host = hosts.isEmpty() ? "a.test" : one(hosts.get(0));
    this.gateways = gateways;
    this.from = exportTo.contains("*") || exportTo.contains(USUAL) ? USUAL : exportTo.get(0);
  }

  /**
   * Notes them.
   *
   * @param kind {@code tls}, {@code tcp}
   * @param hosts of the VirtualService
   * @param gateways of the VirtualService
   * @param exportTo namespaces that may see the VirtualService
   */
  static void tell(
      Fields spec,
      String kind,
      List<ConnectionRoute> rules,
      List<String> hosts,
      List<String> gateways,
      List<String> exportTo) {
    UnreachedConnections unreached =
        new UnreachedConnections(kind, rules, hosts, gateways, exportTo);
    for (int i = 1; i < rules.size(); i++) {
      unreached.tell(spec, i);
    }
  }

  private void tell(Fields spec, int index) {
    ConnectionRoute rule = rules.get(index);
    List<ConnectionMatch> matches = matches(rule);
    if (kind.equals(TLS) && matches.stream().anyMatch(match -> match.sniHosts().isEmpty())) {
      return; // an error already
    }
    List<OptionalInt> takers = matches.stream().map(match -> taker(match, index)).toList();
    String path = spec.path(kind) + "[" + index + "]";
    if (takers.stream().allMatch(OptionalInt::isPresent)) {
      warn(spec, rule.place(), path, takers, matches.get(0));
      return;
    }
    for (int i = 0; i < matches.size(); i++) {
      if (takers.get(i).isPresent()) {
        ConnectionMatch match = matches.get(i);
        warn(spec, match.place(), path + ".match[" + i + "]", List.of(takers.get(i)), match);
      }
    }
  }

  private void warn(
      Fields spec, Place place, String path, List<OptionalInt> takers, ConnectionMatch match) {
    String names =
        takers.stream()
            .flatMapToInt(OptionalInt::stream)
            .distinct()
            .sorted()
            .mapToObj(this::name)
            .collect(Collectors.joining(", "));
    spec.problems()
        .warning(
            Codes.UNREACHABLE,
            place,
            path,
            "no connection gets here: "
                + names
                + (names.contains(",") ? " take them; e.g. " : " takes them; e.g. ")
                + example(match)
                + " goes to "
                + name(takers.get(0).orElseThrow()),
            "move it above, or remove it");
  }

  private String name(int index) {
    return kind + "[" + index + "]";
  }

  /** The first rule above that takes all that a match would. */
  private OptionalInt taker(ConnectionMatch match, int index) {
    return IntStream.range(0, index)
        .filter(i -> matches(rules.get(i)).stream().anyMatch(above -> covers(above, match)))
        .findFirst();
  }

  private static List<ConnectionMatch> matches(ConnectionRoute rule) {
    return rule.matches().isEmpty() ? List.of(ANY) : rule.matches();
  }

  private static boolean covers(ConnectionMatch above, ConnectionMatch below) {
    return above.sniHosts().containsAll(below.sniHosts())
        && (above.port().isEmpty() || above.port().equals(below.port()))
        && subnets(above.destinationSubnets(), below.destinationSubnets())
        && below.sourceLabels().entrySet().containsAll(above.sourceLabels().entrySet())
        && (above.sourceNamespace().isEmpty()
            || above.sourceNamespace().equals(below.sourceNamespace()))
        && above.gateways().equals(below.gateways());
  }

  private static boolean subnets(List<String> above, List<String> below) {
    return below.isEmpty()
        ? above.isEmpty()
        : below.stream().allMatch(narrow -> above.stream().anyMatch(wide -> within(wide, narrow)));
  }

  private static boolean within(String wide, String narrow) {
    boolean six = wide.indexOf(':') >= 0;
    if (wide.equals(narrow) || six != narrow.indexOf(':') >= 0) {
      return wide.equals(narrow);
    }
    return IpBlock.parse(wide)
        .flatMap(one -> IpBlock.parse(narrow).filter(one::contains))
        .filter(other -> six != other.four())
        .isPresent();
  }

  /** As {@code weft explain} takes it; a service of the mesh is known by its address alone. */
  private String example(ConnectionMatch match) {
    boolean tls = !match.sniHosts().isEmpty();
    int port = match.port().orElse(tls ? TLS_PORT : TCP_PORT);
    List<String> at = match.gateways().isEmpty() ? gateways : match.gateways();
    boolean edge = !at.contains(VirtualService.MESH);
    String service = tls || edge ? ADDRESS : host;
    String address =
        match.destinationSubnets().isEmpty() ? service : address(match.destinationSubnets().get(0));
    return (tls ? "TLS " : "TCP ")
        + address
        + ":"
        + port
        + (tls ? " --sni " + serverName(match.sniHosts().get(0)) : "")
        + (edge ? " --gateway" + from(from) : caller(match));
  }

  private String caller(ConnectionMatch match) {
    String labels =
        match.sourceLabels().entrySet().stream()
            .map(label -> label.getKey() + "=" + label.getValue())
            .sorted()
            .collect(Collectors.joining(","));
    return from(match.sourceNamespace().isEmpty() ? from : match.sourceNamespace())
        + (labels.isEmpty() ? "" : " --labels " + labels);
  }

  private static String from(String namespace) {
    return namespace.equals(USUAL) ? "" : " --from " + namespace + "/default";
  }

  private static String address(String subnet) {
    int slash = subnet.indexOf('/');
    String bare = slash < 0 ? subnet : subnet.substring(0, slash);
    return bare.indexOf(':') >= 0 ? "[" + bare + "]" : bare;
  }

  /** A name of those. */
  private static String one(String name) {
    return one("a", name);
  }

  private static String one(String first, String name) {
    return name.equals("*")
        ? first + ".test"
        : name.startsWith("*.") ? first + name.substring(1) : name;
  }

  /** A name of those for which no rule has a closer one. */
  private String serverName(String name) {
    Set<String> named =
        rules.stream()
            .flatMap(rule -> rule.matches().stream())
            .flatMap(match -> match.sniHosts().stream())
            .collect(Collectors.toSet());
    return Stream.iterate("a", first -> first + "a")
        .map(first -> one(first, name))
        .filter(one -> one.equals(name) || !named.contains(one))
        .findFirst()
        .orElseThrow();
  }
}
