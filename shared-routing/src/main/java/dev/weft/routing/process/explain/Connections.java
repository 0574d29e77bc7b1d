package dev.weft.routing.process.explain;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.discovery.Destinations;
import dev.weft.routing.discovery.Destinations.Known;
import dev.weft.routing.discovery.EndpointCatalog;
import dev.weft.routing.discovery.OutboundModes;
import dev.weft.routing.discovery.Speech;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.match.Authorities;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.snapshot.PortServers;
import dev.weft.routing.snapshot.PortServers.Owned;
import dev.weft.routing.snapshot.Redirection;
import dev.weft.routing.snapshot.tcp.MeshRules;
import dev.weft.routing.snapshot.tcp.PortRules;
import dev.weft.routing.snapshot.tcp.Towards;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells what would happen to a connection that is not HTTP, as JSON: where it was going, every rule
 * tried and why it failed, the one chosen, its shares and endpoints, who lets it in. It asks the
 * very functions that serve.
 */
public final class Connections {

  private static final String NO_ROUTE = "-";

  private final MeshConfig config;
  private final Workload workload;
  private final EndpointCatalog catalog;
  private final Admissions admissions;
  private final ClusterFacts clusters;
  private final Unknown absent;

  /**
   * @param workload that asks, or that the gateway is
   * @param absent what becomes of addresses that nothing is known of where no Sidecar says it
   */
  public Connections(
      MeshConfig config, Workload workload, EndpointCatalog catalog, Unknown absent) {
    this.config = config;
    this.workload = workload;
    this.catalog = catalog;
    this.admissions = new Admissions(config, workload, catalog);
    this.clusters = new ClusterFacts(catalog);
    this.absent = absent;
  }

  /**
   * As the workload's own connections go whose sidecar intercepts them.
   *
   * @throws IllegalArgumentException where the question is none; the message says why
   */
  public JsonObject inMesh(Question question) {
    InetSocketAddress meant = meant(question);
    Optional<String> asked = name(question);
    Destinations destinations = Destinations.of(config, catalog);
    Optional<Known> known = destinations.at(meant);
    Speech speech = Speech.of(known.map(Known::protocol).orElse(""), meant.getPort());
    ConnectionHead head =
        new ConnectionHead(meant, speech == Speech.OPAQUE ? Optional.empty() : asked);
    JsonArray tried = new JsonArray();
    JsonObject json =
        facts(question, meant, "from " + workload.namespace() + "/" + workload.serviceAccount())
            .put("speaks", speech.name().toLowerCase(Locale.ROOT))
            .put("found", found(meant, known))
            .put("tried", tried);
    if (speech == Speech.HTTP) {
      return refused(json, "this port speaks HTTP; ask for METHOD URL, by its Host");
    }
    Optional<Towards> to =
        MeshRules.of(config, workload).decide(head, destinations, 0, sink(tried));
    if (to.isPresent()) {
      return towards(json, to.get(), head, Optional.empty());
    }
    Unknown unknown = OutboundModes.mode(config, workload).orElse(absent);
    return unknown == Unknown.ALLOW_ANY
        ? json.put("route", Redirection.PASSTHROUGH.host()).put("passes", true)
        : refused(json, "reset (unknown_destination), since outboundTrafficPolicy is " + unknown);
  }

  /**
   * As one from outside goes at a port of a gateway.
   *
   * @param at how that is called
   * @throws IllegalArgumentException where the question is none; the message says why
   */
  public JsonObject atGateway(Question question, PortServers servers, String at) {
    InetSocketAddress meant = meant(question);
    boolean tls = question.method().equals(Question.TLS);
    Optional<String> asked = tls ? Optional.of(name(question).orElse("")) : Optional.empty();
    ConnectionHead head = new ConnectionHead(meant, servers.opaque() ? Optional.empty() : asked);
    JsonArray tried = new JsonArray();
    JsonObject json = facts(question, meant, at).put("tried", tried);
    Caller caller =
        Caller.anonymous("127.0.0.1", 0, meant.getPort(), tls)
            .met(new Handshake(head.serverName(), Optional.empty()), Optional.empty())
            .meaning(meant);
    admissions
        .connectionAtGateway(caller, meant.getPort())
        .ifPresent(said -> json.put("admission", Admissions.told(said)));
    Optional<Towards> to = PortRules.of(config, workload, servers).decide(head, 0, sink(tried));
    return to.isPresent()
        ? towards(json, to.get(), head, asked.filter(name -> to.get().sealed()))
        : refused(json, "reset (no_route): " + why(servers, head, tried));
  }

  private static String why(PortServers servers, ConnectionHead head, JsonArray tried) {
    if (!tried.isEmpty()) {
      return "none of the rules holds";
    }
    if (servers.opaque()) {
      return "there are no rules here at all";
    }
    if (head.serverName().isEmpty()) {
      return "no server of this port is for what is neither HTTP nor TLS";
    }
    String name = "'" + head.serverName().get() + "'";
    Optional<Owned> met = servers.met(head.serverName());
    if (met.isEmpty()) {
      return "no server of this port is for the name " + name;
    }
    return met.get().server().http()
        ? "the server for " + name + " speaks HTTP; ask for METHOD URL"
        : "no rule or service is for " + name;
  }

  private static JsonObject refused(JsonObject json, String why) {
    return json.put("route", NO_ROUTE).put("why", why);
  }

  private JsonObject towards(
      JsonObject json, Towards to, ConnectionHead head, Optional<String> sealed) {
    int port = head.meant().getPort();
    List<ClusterName> all =
        to.rule().map(rule -> rule.clusters(port)).orElse(List.of(to.cluster()));
    List<Integer> weights = to.rule().map(rule -> rule.weights()).orElse(List.of(1));
    Predicate<Endpoint> candidate = one -> !to.exact() || is(one, head.meant());
    to.rule().ifPresent(rule -> json.put("place", rule.place().toString()));
    String service = to.cluster().host() + ":" + to.cluster().port();
    json.put(
            "route",
            to.rule()
                .map(rule -> rule.name())
                .orElse((to.exact() ? "instance of " : "service ") + service))
        .put("shares", clusters.shares(all, weights, candidate));
    sealed.ifPresent(name -> json.put("sealed", true));
    JsonArray said = new JsonArray();
    all.stream().distinct().forEach(one -> said.addAll(admissions.connections(one, candidate)));
    return said.isEmpty() ? json : json.put("authorization", said);
  }

  private static boolean is(Endpoint endpoint, InetSocketAddress meant) {
    return endpoint.port() == meant.getPort()
        && literal(endpoint.host()).filter(meant.getAddress()::equals).isPresent();
  }

  private static JsonObject facts(Question question, InetSocketAddress meant, String at) {
    JsonObject json =
        new JsonObject()
            .put("method", question.method())
            .put("url", question.url())
            .put("at", at)
            .put("meant", NetUtil.toSocketAddressString(meant));
    question.serverName().ifPresent(name -> json.put("server_name", name));
    return json;
  }

  private static String found(InetSocketAddress meant, Optional<Known> known) {
    String address = NetUtil.toSocketAddressString(meant);
    return known
        .map(
            one ->
                address
                    + (one.instance() ? " is an instance of " : " is the address of ")
                    + one.cluster())
        .orElse("nothing is known of " + address);
  }

  private static DecisionSink sink(JsonArray tried) {
    return (rule, at, outcome) ->
        tried.add(
            new JsonObject()
                .put("rule", rule)
                .put("place", at.toString())
                .put("chosen", outcome.isEmpty())
                .put("why", outcome));
  }

  private static Optional<String> name(Question question) {
    if (question.method().equals(Question.TCP) && question.serverName().isPresent()) {
      throw new IllegalArgumentException("TCP has no server name (expected: TLS)");
    }
    return question.serverName().map(Authorities::lower);
  }

  /**
   * Where it was going.
   *
   * @throws IllegalArgumentException where that is no address, nor the host of a service with one
   */
  public InetSocketAddress meant(Question question) {
    String url = question.url();
    int colon = url.lastIndexOf(':');
    String host = colon < 0 ? url : url.substring(0, colon);
    String port = url.substring(colon + 1);
    if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException(
          "'" + url + "' (expected: ADDRESS:PORT such as 10.96.0.7:5432, or a service's host)");
    }
    InetAddress address =
        literal(host)
            .or(() -> addresses(host).flatMap(one -> literal(one).stream()).findFirst())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        host + " (expected: an address, or the host of a service that has one)"));
    return new InetSocketAddress(address, Integer.parseInt(port));
  }

  /** Its own addresses, of a service. */
  private Stream<String> addresses(String host) {
    return Stream.concat(
        config.services().stream()
            .filter(service -> service.host().equals(host))
            .flatMap(service -> service.addresses().stream()),
        config.serviceEntries().stream()
            .filter(entry -> entry.hosts().contains(host))
            .flatMap(entry -> entry.addresses().stream()));
  }

  private static Optional<InetAddress> literal(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    @Nullable InetAddress address = NetUtil.createInetAddressFromIpAddressString(bare);
    return Optional.ofNullable(address);
  }
}
