package dev.weft.config.istio.route;

import dev.weft.config.model.security.IpBlock;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.yaml.Fields;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Matches of connections that do nothing, since one above takes all that they would. What is not
 * certain is not told: of several names in handshakes the closest counts, whatever stands above it,
 * and in the mesh a rule with destinationSubnets also gets connections to where nothing is known,
 * which one without does not.
 */
final class UnreachedConnections {

  private static final String TLS = "tls";

  private final String kind;
  private final List<ConnectionRoute> rules;

  private UnreachedConnections(String kind, List<ConnectionRoute> rules) {
    this.kind = kind;
    this.rules = rules;
  }

  /**
   * Notes them.
   *
   * @param kind {@code tls}, {@code tcp}
   */
  static void tell(Fields spec, String kind, List<ConnectionRoute> rules) {
    UnreachedConnections unreached = new UnreachedConnections(kind, rules);
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
      warn(spec, rule.place(), path, takers);
      return;
    }
    for (int i = 0; i < matches.size(); i++) {
      if (takers.get(i).isPresent()) {
        Place place = matches.get(i).place();
        warn(spec, place, path + ".match[" + i + "]", List.of(takers.get(i)));
      }
    }
  }

  private void warn(Fields spec, Place place, String path, List<OptionalInt> takers) {
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
                + (names.contains(",") ? " take them" : " takes them"),
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
    return rule.matches().isEmpty() ? List.of(ConnectionMatch.ANY) : rule.matches();
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
}
