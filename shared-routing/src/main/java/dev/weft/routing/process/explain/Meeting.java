package dev.weft.routing.process.explain;

import dev.weft.config.model.Gateway;
import dev.weft.config.yaml.Nearest;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What becomes of requests at a port of a gateway before any rule is asked: whether they come to
 * the server that they are for, and whose rules are asked then. Explanations and the linter ask the
 * same. Immutable.
 */
public final class Meeting {

  private static final int MISDIRECTED = 421;
  private static final int MOST_HOSTS = 10;

  private final PortServers all;
  private final PortServers http;

  /**
   * @param servers all of the port
   */
  public Meeting(List<Owned> servers) {
    this.all = new PortServers(servers);
    this.http = new PortServers(servers.stream().filter(one -> one.server().http()).toList());
  }

  /**
   * Why no rule is asked.
   *
   * @param status that it is answered with; empty where it is not answered here
   * @param becomes for people, behind the request: {@code gets 421}
   */
  record Missed(OptionalInt status, String why, String becomes) {

    JsonObject json() {
      JsonObject json =
          new JsonObject().put("route", "-").put("tried", new JsonArray()).put("why", why);
      status.ifPresent(number -> json.put("status", number));
      return json;
    }
  }

  /** The Gateways that have a server for requests here. */
  public Set<String> gateways() {
    return http.hosts(Optional.empty()).keySet();
  }

  /**
   * The hosts whose rules are asked, by their Gateway.
   *
   * @param authority of a request that no server turns away
   */
  public Map<String, List<Gateway.Host>> reached(boolean tls, String authority) {
    return http.reached(tls, authority);
  }

  /**
   * What becomes of a request over a connection of its own whose rules are not asked, for people:
   * {@code gets 421}; empty where they are.
   */
  public Optional<String> turned(RequestHead head) {
    return missed(head, Authorities.host(head.authority()))
        .map(Missed::becomes)
        .or(() -> redirection(head).map(location -> "is redirected to " + location));
  }

  /** Whether rules are asked of requests for a host, over connections of their own. */
  public boolean takes(boolean tls, String host) {
    String scheme = tls ? "https" : "http";
    RequestHead any =
        new RequestHead("GET", scheme, host, "/", "", MultiMap.caseInsensitiveMultiMap());
    return turned(any).isEmpty();
  }

  /** Where plain HTTP is sent by a server that redirects all of it. */
  Optional<String> redirection(RequestHead head) {
    boolean plain = head.scheme().equals("http");
    return http.serving(false, head.authority())
        .filter(one -> plain && PortServers.redirects(one.server()))
        .map(any -> PortServers.redirection(head));
  }

  /**
   * Why no rule is asked of a request that comes to no server for it.
   *
   * @param serverName that the handshake asked for; of no account without TLS
   * @return empty where rules are asked
   */
  Optional<Missed> missed(RequestHead head, String serverName) {
    if (all.opaque()) {
      return Optional.empty();
    }
    return head.scheme().equals("https") ? secured(head, serverName) : plain(head);
  }

  private Optional<Missed> secured(RequestHead head, String serverName) {
    Optional<Owned> met = all.met(Optional.of(serverName));
    if (met.isEmpty()) {
      return unanswered(
          "the handshake is refused: no server of this port is for '" + serverName + "'",
          "is refused in its handshake");
    }
    if (!met.get().server().http()) {
      return unanswered(
          "its connection is passed on as it is; ask for METHOD TLS",
          "is passed on as it is, by its handshake");
    }
    return all.serving(serverName, head.authority()).isPresent()
        ? Optional.empty()
        : misdirected(
            "its handshake met the server for '"
                + serverName
                + "', and "
                + Authorities.host(head.authority())
                + " is not of that one");
  }

  private Optional<Missed> plain(RequestHead head) {
    if (all.serving(false, head.authority()).isPresent()) {
      return Optional.empty();
    }
    return all.takesPlaintext()
        ? misdirected(Authorities.host(head.authority()) + " is of a server that wants TLS")
        : unanswered(
            "the connection is refused: all servers of this port want TLS",
            "is refused: all servers of its port want TLS");
  }

  private static Optional<Missed> misdirected(String why) {
    return Optional.of(new Missed(OptionalInt.of(MISDIRECTED), "421, " + why, "gets 421, " + why));
  }

  private static Optional<Missed> unanswered(String why, String becomes) {
    return Optional.of(new Missed(OptionalInt.empty(), why, becomes));
  }

  /**
   * Why no rule took it.
   *
   * @param hosts that there are rules for
   * @param tried whether any rule was
   */
  static String unmatched(String authority, List<String> hosts, boolean tried) {
    if (tried) {
      return "404, none of the rules for " + authority + " holds";
    }
    String told =
        hosts.isEmpty()
            ? "there are no rules here at all"
            : "there are rules for "
                + String.join(", ", hosts.subList(0, Math.min(MOST_HOSTS, hosts.size())))
                + (hosts.size() > MOST_HOSTS
                    ? " and " + (hosts.size() - MOST_HOSTS) + " more"
                    : "");
    String meant =
        Nearest.to(authority, hosts).map(host -> "; did you mean " + host + "?").orElse("");
    return "404, no rule is for host " + authority + "; " + told + meant;
  }
}
