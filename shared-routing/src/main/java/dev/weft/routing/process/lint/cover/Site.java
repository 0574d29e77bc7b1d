package dev.weft.routing.process.lint.cover;

import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.process.lint.cover.Dimension.Kind;
import dev.weft.routing.route.Entry;
import dev.weft.routing.route.RouteTable.HostRules;
import dev.weft.routing.route.match.Authorities;
import io.vertx.core.MultiMap;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Some hosts with their rules in common, seen from one vantage: makes up requests to them.
 *
 * @param known all hosts that there are rules for at the vantage
 * @param turned whether such count, too, that the port turns away before any rule is asked
 */
public record Site(Vantage vantage, HostRules rules, Set<String> known, boolean turned) {

  private static final String ANY = "any";
  private static final String ANY_HOST = "any.test";
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** A name that a host of a rule or server stands for. */
  public static String name(String host) {
    return names(host).get(0);
  }

  /** Names that a host stands for: of a wildcard several, since a closer one may be another's. */
  public static List<String> names(String host) {
    if (!host.startsWith("*")) {
      return List.of(host);
    }
    String any = host.equals("*") ? ANY_HOST : ANY + host.substring(1);
    return List.of(any, "another-" + any);
  }

  /** The host to tell of: the full name of a service, where there are several. */
  public String host() {
    return rules.hosts().stream()
        .max(
            Comparator.comparing((String host) -> !host.startsWith("*"))
                .thenComparingInt(String::length)
                .thenComparing(Comparator.reverseOrder()))
        .map(this::named)
        .orElse(ANY_HOST);
  }

  private String named(String host) {
    return names(host).stream().filter(this::takes).findFirst().orElse(name(host));
  }

  /** Whether requests for a name meet these rules. */
  boolean takes(String name) {
    return serves(name) && vantage.takes(name);
  }

  /** What is tried, in its order. */
  public List<Entry> entries() {
    return rules.entries();
  }

  /** The port that is meant where a request names none. */
  public int standardPort() {
    return vantage.scheme().equals("https") ? HTTPS : HTTP;
  }

  /** As requests name it that say nothing else. */
  public String authority() {
    int port = vantage.edge().map(Vantage.Edge::port).orElse(HTTP);
    return port == standardPort() ? host() : host() + ":" + port;
  }

  /** Whether requests with this authority meet these rules. */
  public boolean serves(String authority) {
    String name = Authorities.lower(Authorities.host(authority));
    if (known.contains(name)) {
      return rules.hosts().contains(name);
    }
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      String wide = "*" + name.substring(dot);
      if (known.contains(wide)) {
        return rules.hosts().contains(wide);
      }
    }
    return rules.hosts().contains("*");
  }

  /**
   * A request.
   *
   * @param values of its parts; one that is not there is usual, or absent
   * @return empty where no client can send such, or where it does not come in here
   */
  public Optional<Asked> ask(Map<Dimension, String> values) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    List<String> query = new ArrayList<>();
    for (Map.Entry<Dimension, String> one : values.entrySet()) {
      String name = one.getKey().name();
      if (one.getKey().kind() == Kind.HEADER) {
        headers.add(name, one.getValue());
      } else if (one.getKey().kind() == Kind.QUERY) {
        query.add(encoded(name) + (one.getValue().isEmpty() ? "" : "=" + encoded(one.getValue())));
      }
    }
    String authority = authority(values);
    if (!serves(authority)) {
      return Optional.empty();
    }
    RequestHead head =
        new RequestHead(
            values.getOrDefault(Dimension.METHOD, "GET"),
            values.getOrDefault(Dimension.SCHEME, vantage.scheme()),
            authority,
            values.getOrDefault(Dimension.PATH, "/"),
            String.join("&", query),
            headers);
    return turned ? vantage.sent(head) : vantage.ask(head);
  }

  private String authority(Map<Dimension, String> values) {
    String said = values.getOrDefault(Dimension.AUTHORITY, authority());
    String port = values.getOrDefault(Dimension.PORT, "");
    boolean named = Authorities.port(said) > 0;
    boolean usual = port.isEmpty() || port.equals(Integer.toString(standardPort()));
    return vantage.mesh() && !named && !usual ? said + ":" + port : said;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
