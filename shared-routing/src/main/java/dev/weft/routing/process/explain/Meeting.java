package dev.weft.routing.process.explain;

import dev.weft.config.yaml.Nearest;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** Whether a request comes to the server of its port that it is for, and to any rule there. */
final class Meeting {

  private static final int MISDIRECTED = 421;
  private static final int MOST_HOSTS = 10;

  private Meeting() {}

  /**
   * Why no rule is asked.
   *
   * @param servers all of the port
   * @param serverName that the handshake asked for; of no account without TLS
   * @return facts; empty where rules are asked
   */
  static Optional<JsonObject> missed(PortServers servers, RequestHead head, String serverName) {
    if (servers.opaque()) {
      return Optional.empty();
    }
    return head.scheme().equals("https")
        ? secured(servers, head, serverName)
        : plain(servers, head);
  }

  private static Optional<JsonObject> secured(
      PortServers servers, RequestHead head, String serverName) {
    Optional<Owned> met = servers.met(Optional.of(serverName));
    if (met.isEmpty()) {
      return told("the handshake is refused: no server of this port is for '" + serverName + "'");
    }
    if (!met.get().server().http()) {
      return told("its connection is passed on as it is; ask for METHOD TLS");
    }
    return servers.serving(serverName, head.authority()).isPresent()
        ? Optional.empty()
        : misdirected(
            "its handshake met the server for '"
                + serverName
                + "', and "
                + Authorities.host(head.authority())
                + " is not of that one");
  }

  private static Optional<JsonObject> plain(PortServers servers, RequestHead head) {
    if (servers.serving(false, head.authority()).isPresent()) {
      return Optional.empty();
    }
    return servers.takesPlaintext()
        ? misdirected(Authorities.host(head.authority()) + " is of a server that wants TLS")
        : told("the connection is refused: all servers of this port want TLS");
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

  private static Optional<JsonObject> misdirected(String why) {
    return told("421, " + why).map(json -> json.put("status", MISDIRECTED));
  }

  private static Optional<JsonObject> told(String why) {
    return Optional.of(
        new JsonObject().put("route", "-").put("tried", new JsonArray()).put("why", why));
  }
}
