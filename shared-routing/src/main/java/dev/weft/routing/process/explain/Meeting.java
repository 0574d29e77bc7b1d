package dev.weft.routing.process.explain;

import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** Whether a request comes to the server of its port that it is for, before any rule is asked. */
final class Meeting {

  private static final int MISDIRECTED = 421;

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

  private static Optional<JsonObject> misdirected(String why) {
    return told("421, " + why).map(json -> json.put("status", MISDIRECTED));
  }

  private static Optional<JsonObject> told(String why) {
    return Optional.of(
        new JsonObject().put("route", "-").put("tried", new JsonArray()).put("why", why));
  }
}
