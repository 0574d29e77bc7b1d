package dev.weft.routing.process.explain;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.Gateway.Protocol;
import dev.weft.config.model.Gateway.Server;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.stage.edge.EdgePolicies;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Tells what would happen to a request, or to a connection that is not HTTP: every rule tried and
 * why it failed, the one chosen, its shares, endpoints, retries and timeouts. It asks the very
 * function that serves.
 */
public final class Explainer {

  /** What routes to the own application are called, or begin with. */
  static final String INBOUND = "inbound";

  private static final String UNNAMED = ", the first that one opens for ";

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final MeshConfig config;
  private final Workload workload;
  private final EndpointCatalog catalog;
  private final Secrets secrets;
  private final Connections connections;
  private final Bearing bearing;

  /** Where a request comes in: the rules there, and how that is called. */
  private record Place(RouteTable table, String name, int port, boolean edge) {}

  /**
   * @param workload that asks, or that the gateway is
   * @param addresses of names that were looked up, by name
   * @param absent what becomes of connections to where nothing is known, where no Sidecar says it
   */
  public Explainer(
      MeshConfig config, Workload workload, Map<String, List<String>> addresses, Unknown absent) {
    this(config, workload, addresses, absent, Bearing.NOTHING);
  }

  /**
   * @param bearing what requests are thought to bear
   */
  public Explainer(
      MeshConfig config,
      Workload workload,
      Map<String, List<String>> addresses,
      Unknown absent,
      Bearing bearing) {
    this.bearing = bearing;
    this.config = config;
    this.workload = workload;
    this.catalog = new EndpointCatalog(config, workload, addresses);
    this.secrets = Secrets.of(catalog.settings().log());
    this.connections = new Connections(config, workload, catalog, absent);
  }

  /**
   * As the workload's own requests and connections go.
   *
   * @throws IllegalArgumentException where the question is none; the message says why
   */
  public Explanation inMesh(Question question) {
    return inMesh(question, false);
  }

  /**
   * Likewise.
   *
   * @param edge whether it is a gateway that takes requests by the rules of the mesh
   */
  public Explanation inMesh(Question question, boolean edge) {
    if (question.connection()) {
      return explained(connections.inMesh(question));
    }
    RequestHead head = head(question);
    Place place = mesh(port(Heads.url(question)), edge);
    return explained(thought(question, head, place));
  }

  /** Of a request with the token that it bears. */
  private JsonObject thought(Question question, RequestHead head, Place place) {
    Bearing borne = bearing.of(head);
    JsonObject json = asked(question);
    Caller nobody = Caller.anonymous("127.0.0.1", 0, place.port, head.scheme().equals("https"));
    if (!place.edge) {
      return explained(json, new Came(head, nobody, 0), place, borne);
    }
    borne
        .standing(config, workload)
        .ifPresent(
            said -> json.put("token", said.text()).put(Admissions.TOKEN_REFUSED, said.refused()));
    Came came =
        new Came(borne.seen(config, workload, head), borne.borne(config, workload, nobody), 0);
    return explained(json, came, place, Bearing.NOTHING); // a gateway keeps it, or may
  }

  private Place mesh(int port, boolean edge) {
    RouteTable table = RouteTableCompiler.mesh(config, workload.namespace(), workload.labels());
    String name = "from " + workload.namespace() + "/" + workload.serviceAccount();
    return new Place(table, name, port, edge);
  }

  private static JsonObject asked(Question question) {
    return new JsonObject().put("method", question.method()).put("url", question.url());
  }

  /**
   * As a request or connection from outside goes at the Gateways that select the workload, or at
   * any of them where the workload has no labels.
   *
   * @return empty where none has a server at the URL's port; a URL without a port means the
   *     scheme's own, or else the first that a Gateway opens for the scheme
   * @throws IllegalArgumentException where the question is none; the message says why
   */
  public Optional<Explanation> atGateway(Question question) {
    if (question.connection()) {
      return connectionAtGateway(question);
    }
    RequestHead head = head(question);
    URI url = Heads.url(question);
    int port = gatewayPort(url);
    String meant = url.getPort() < 0 && port != port(url) ? UNNAMED + url.getScheme() : "";
    return missed(asked(question), head, port, Optional.of(url.getHost()))
        .or(() -> gateway(head, port).map(at -> thought(question, head, at)))
        .map(json -> explained(json.put("at", json.getString("at") + meant)));
  }

  /** Why no rule of the port is asked; a handshake of which nothing is known is left out. */
  private Optional<JsonObject> missed(
      JsonObject asked, RequestHead head, int port, Optional<String> serverName) {
    Meeting meeting = new Meeting(servers(port));
    boolean known = serverName.isPresent() || head.scheme().equals("http");
    return meeting.gateways().isEmpty() || !known
        ? Optional.empty()
        : meeting
            .missed(head, serverName.orElse(""))
            .map(missed -> asked.put("at", "at port " + port).mergeIn(missed.json()))
            .or(() -> meeting.redirection(head).map(location -> redirected(asked, port, location)));
  }

  /** Where a request comes in at a port of a gateway; empty where none has a server there. */
  private Optional<Place> gateway(RequestHead head, int port) {
    Meeting meeting = new Meeting(servers(port));
    if (meeting.gateways().isEmpty()) {
      return Optional.empty();
    }
    Map<String, List<Gateway.Host>> hosts =
        meeting.reached(head.scheme().equals("https"), head.authority());
    RouteTable table =
        RouteTableCompiler.gateways(
            config,
            hosts,
            workload.namespace(),
            workload.labels(),
            new RouteTableCompiler.Memory());
    return Optional.of(new Place(table, at(port, hosts.keySet()), port, true));
  }

  /**
   * What is decided about a request that came, by all that was known then.
   *
   * @param edge whether it came to a gateway
   */
  JsonObject replayed(Came came, boolean edge) {
    RequestHead head = came.head();
    int known = came.caller().localPort();
    int port = known > 0 ? known : edge ? gatewayPort(url(head)) : port(head);
    JsonObject asked = replay(head);
    Optional<JsonObject> missed =
        edge ? missed(asked, head, port, came.caller().handshake().serverName()) : Optional.empty();
    if (missed.isPresent()) {
      return missed.get();
    }
    Optional<Place> gateway = edge ? gateway(head, port) : Optional.empty();
    Place place = gateway.orElseGet(() -> mesh(port, edge));
    JsonObject json = explained(asked, came, place, Bearing.NOTHING);
    json.put("looked_at", RouteFacts.lookedAt(place.table, json.getJsonArray("tried")));
    return RouteFacts.drawn(
        json, place.table.decide(head, came.caller(), came.seed(), DecisionSink.NONE));
  }

  /** Likewise of one to a port of the own application, for which there are no rules. */
  JsonObject delivered(Came came, int port) {
    JsonObject json =
        replay(came.head())
            .put("at", "to the own application, for which there are no rules")
            .put("route", INBOUND)
            .put("tried", new JsonArray());
    new Admissions(config, workload, catalog)
        .atGateway(came.head(), came.caller(), port)
        .ifPresent(said -> json.put("admission", Admissions.told(said)));
    return json;
  }

  private static JsonObject replay(RequestHead head) {
    String url = head.scheme() + "://" + head.authority() + head.target();
    return new JsonObject().put("method", head.method()).put("url", url);
  }

  private Optional<Explanation> connectionAtGateway(Question question) {
    int port = connections.meant(question).getPort();
    List<PortServers.Owned> owned = servers(port);
    if (owned.isEmpty()) {
      return Optional.empty();
    }
    PortServers servers = new PortServers(owned);
    String name = at(port, servers.hosts(Optional.empty()).keySet());
    return Optional.of(explained(connections.atGateway(question, servers, name)));
  }

  private List<PortServers.Owned> servers(int port) {
    List<PortServers.Owned> servers = new ArrayList<>();
    for (Gateway gateway : config.gateways()) {
      for (Server server : selected(gateway) ? gateway.servers() : List.<Server>of()) {
        if (server.port() == port) {
          servers.add(new PortServers.Owned(gateway.meta().qualifiedName(), server));
        }
      }
    }
    return servers;
  }

  private static String at(int port, Set<String> gateways) {
    return "at port " + port + " of gateway " + String.join(", ", gateways);
  }

  static Explanation explained(JsonObject json) {
    json.put(Explanation.ALLOWED, Admissions.allowed(json));
    return new Explanation(json, ExplainedText.of(json));
  }

  /** The ports that those Gateways open for such, in order. */
  public List<Integer> gatewayPorts(Question question) {
    return gatewayPorts(server -> question.connection() || server.http());
  }

  private List<Integer> gatewayPorts(Predicate<Server> wanted) {
    TreeSet<Integer> ports = new TreeSet<>();
    config.gateways().stream()
        .filter(this::selected)
        .flatMap(gateway -> gateway.servers().stream())
        .filter(wanted)
        .forEach(server -> ports.add(server.port()));
    return List.copyOf(ports);
  }

  /** Plain HTTP is sent to HTTPS before any rule is asked. */
  private JsonObject redirected(JsonObject asked, int port, String location) {
    asked
        .put("at", "at port " + port + ", whose server has tls.httpsRedirect")
        .put("route", "httpsRedirect")
        .put("tried", new JsonArray())
        .put("redirect", location)
        .put("status", 301);
    return secrets.hidden(asked);
  }

  private int gatewayPort(URI url) {
    int port = port(url);
    if (url.getPort() > 0 || gatewayPorts(Server::http).contains(port)) {
      return port;
    }
    boolean tls = url.getScheme().equals("https");
    return config.gateways().stream()
        .filter(this::selected)
        .flatMap(gateway -> gateway.servers().stream())
        .filter(server -> server.http() && (server.protocol() == Protocol.HTTPS) == tls)
        .map(Server::port)
        .findFirst()
        .orElse(port);
  }

  private boolean selected(Gateway gateway) {
    return workload.labels().isEmpty()
        || workload.labels().entrySet().containsAll(gateway.selector().entrySet());
  }

  private static int port(RequestHead head) {
    return port(url(head));
  }

  private static URI url(RequestHead head) {
    return URI.create(head.scheme() + "://" + head.authority());
  }

  private static int port(URI url) {
    return url.getPort() > 0 ? url.getPort() : url.getScheme().equals("https") ? HTTPS : HTTP;
  }

  private RequestHead head(Question question) {
    return Heads.of(question, catalog.settings().path().normalize());
  }

  /**
   * @param behind what goes to the workloads behind
   */
  private JsonObject explained(JsonObject json, Came came, Place place, Bearing behind) {
    JsonArray tried = new JsonArray();
    RequestHead head = came.head();
    Caller caller = came.caller();
    Decision decision =
        place.table.decide(
            head,
            caller,
            came.seed(),
            (rule, at, outcome) ->
                tried.add(
                    new JsonObject()
                        .put("rule", rule)
                        .put("place", at.toString())
                        .put("chosen", outcome.isEmpty())
                        .put("why", secrets.hidden(outcome))));
    json.put("at", place.name).put("route", decision.route().name()).put("tried", tried);
    Admissions admissions = new Admissions(config, workload, catalog, behind);
    if (place.edge) {
      admissions
          .atGateway(head, caller, place.port)
          .ifPresent(said -> json.put("admission", Admissions.told(said)));
    }
    int index = decision.route().index();
    if (index >= 0) {
      JsonArray said = new JsonArray();
      place.table.routes().get(index).clusters().stream()
          .distinct()
          .forEach(to -> said.addAll(admissions.at(to, head, decision)));
      if (!said.isEmpty()) {
        json.put("authorization", said);
      }
      if (place.edge) {
        EdgePolicies edge = new EdgePolicies(catalog.settings());
        JsonObject asked = EdgeFacts.of(edge.policy(place.table.routes().get(index)));
        json.mergeIn(asked.isEmpty() ? asked : new JsonObject().put("edge", asked));
      }
      new RouteFacts(
              place.table.routes().get(index), decision, new ClusterFacts(catalog), head.headers())
          .addTo(json);
    } else {
      json.put("status", 404)
          .put("why", Meeting.unmatched(head.authority(), place.table.hosts(), !tried.isEmpty()));
    }
    return secrets.hidden(json);
  }
}
