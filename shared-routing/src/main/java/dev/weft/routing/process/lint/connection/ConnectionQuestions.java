package dev.weft.routing.process.lint.connection;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import dev.weft.routing.process.lint.cover.Site;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes up connections that a match asks for, and asks what becomes of them. */
final class ConnectionQuestions {

  private static final String ADDRESS = "192.0.2.1"; // where any does (RFC 5737)
  private static final String USUAL = "default";
  private static final String NO_ROUTE = "-";
  private static final int TLS_PORT = 443;
  private static final int TCP_PORT = 5432;

  private final Explainer explainer;
  private final String kind;
  private final ConnectionMatch match;
  private final String flags;

  /** A connection and where it goes, the name of its rule, or - for none. */
  record Explained(String shown, String route, String what) {

    /** For people. */
    String becomes() {
      return shown + " " + what;
    }
  }

  private ConnectionQuestions(
      MeshConfig config, String kind, ConnectionMatch match, Workload workload, String flags) {
    this.explainer = new Explainer(config, workload, Map.of(), Unknown.ALLOW_ANY);
    this.kind = kind.equals("tls") ? Question.TLS : Question.TCP;
    this.match = match;
    this.flags = flags;
  }

  /** At any gateway, of whatever label. */
  static Stream<Explained> atGateways(MeshConfig config, String kind, ConnectionMatch match) {
    return new ConnectionQuestions(config, kind, match, workload(USUAL, Map.of()), "").atGateways();
  }

  /** Where the match's VirtualService holds. */
  static Stream<Explained> of(
      MeshConfig config, VirtualService service, String kind, ConnectionMatch match) {
    String from = from(service, match);
    Map<String, String> labels = match.sourceLabels();
    ConnectionQuestions questions =
        new ConnectionQuestions(config, kind, match, workload(from, labels), flags(from, labels));
    List<String> at = match.gateways().isEmpty() ? service.gateways() : match.gateways();
    Stream<Explained> mesh =
        at.contains(VirtualService.MESH) ? questions.inMesh(service) : Stream.of();
    boolean edge = at.stream().anyMatch(name -> !name.equals(VirtualService.MESH));
    return Stream.concat(mesh, edge ? questions.atGateways() : Stream.of());
  }

  private static Workload workload(String namespace, Map<String, String> labels) {
    return new Workload(namespace, USUAL, "cluster.local", labels);
  }

  private static String from(VirtualService service, ConnectionMatch match) {
    boolean usual = service.exportTo().contains("*") || service.exportTo().contains(USUAL);
    String seen = usual ? USUAL : service.exportTo().get(0);
    return match.sourceNamespace().isEmpty() ? seen : match.sourceNamespace();
  }

  private static String flags(String from, Map<String, String> labels) {
    String shown =
        new TreeMap<>(labels)
            .entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
    return (from.equals(USUAL) ? "" : " --from " + from + "/" + USUAL)
        + (labels.isEmpty() ? "" : " --labels " + shown);
  }

  private Stream<Explained> atGateways() {
    int usual = kind.equals(Question.TLS) ? TLS_PORT : TCP_PORT;
    List<Integer> open = explainer.gatewayPorts(new Question(kind, ADDRESS, List.of()));
    Stream<Integer> ports =
        match.port().isPresent()
            ? Stream.of(match.port().getAsInt())
            : open.isEmpty() ? Stream.of(usual) : open.stream();
    return ports
        .flatMap(port -> names().map(name -> question(ADDRESS, port, name)))
        .map(this::edge);
  }

  private Stream<Explained> inMesh(VirtualService service) {
    boolean tls = kind.equals(Question.TLS);
    int port = match.port().orElse(tls ? TLS_PORT : TCP_PORT);
    List<String> subnets =
        match.destinationSubnets().stream().map(ConnectionQuestions::bare).toList();
    List<String> named = tls ? List.of(ADDRESS) : service.hosts();
    return (subnets.isEmpty() ? named : subnets)
        .stream()
            .flatMap(address -> names().map(name -> question(address, port, name)))
            .flatMap(question -> mesh(question).stream());
  }

  private static String bare(String subnet) {
    int slash = subnet.indexOf('/');
    String bare = slash < 0 ? subnet : subnet.substring(0, slash);
    return bare.indexOf(':') >= 0 ? "[" + bare + "]" : bare;
  }

  /**
   * Names of a handshake that the match takes: of a wildcard several, since a closer one counts.
   */
  private Stream<Optional<String>> names() {
    return match.sniHosts().isEmpty()
        ? Stream.of(Optional.empty())
        : match.sniHosts().stream()
            .map(Site::name)
            .flatMap(
                name ->
                    match.sniHosts().contains(name)
                        ? Stream.of(name)
                        : Stream.of(name, "another-" + name))
            .map(Optional::of);
  }

  private Question question(String address, int port, Optional<String> name) {
    return new Question(kind, address + ":" + port, List.of(), name);
  }

  private Explained edge(Question question) {
    String shown = shown(question) + " --gateway" + flags;
    return explainer
        .atGateway(question)
        .map(told -> explained(shown, told))
        .orElseGet(() -> new Explained(shown, NO_ROUTE, "finds no port that a Gateway opens"));
  }

  /** Empty where it is to a service that has no address. */
  private Optional<Explained> mesh(Question question) {
    try {
      return Optional.of(explained(shown(question) + flags, explainer.inMesh(question)));
    } catch (IllegalArgumentException nowhere) {
      return Optional.empty();
    }
  }

  private static String shown(Question question) {
    String name = question.serverName().map(sni -> " --sni " + sni).orElse("");
    return question.method() + " " + question.url() + name;
  }

  private static Explained explained(String shown, Explanation told) {
    String route = told.json().getString("route");
    return new Explained(shown, route, route.equals(NO_ROUTE) ? "is reset" : "goes to " + route);
  }
}
