package dev.weft.routing.process.lint.cover;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Asks an explanation of any gateway what becomes of requests and connections for rules that hold
 * at none. One thread.
 */
public final class Outside {

  private static final String ADDRESS = "192.0.2.1"; // a gateway's, whichever it is (RFC 5737)
  private static final String NO_SERVER = "finds no server for HTTP there";
  private static final int NOT_FOUND = 404;
  private static final int TLS_PORT = 443;
  private static final int TCP_PORT = 5432;
  private static final int MOST = 100; // each is decided by rules that are compiled for it

  private final MeshConfig config;
  private int told;

  /** Of a configuration. */
  public Outside(MeshConfig config) {
    this.config = config;
  }

  /**
   * A request that comes to none of the ports that could have taken it.
   *
   * @return empty after so many, and where it is refused for a reason of its own
   */
  public Optional<String> request(Asked asked) {
    String shown = asked.told() + " --gateway ";
    if (config.gateways().stream().noneMatch(Outside::http)) {
      return Optional.of(shown + NO_SERVER);
    }
    if (told++ >= MOST) {
      return Optional.empty();
    }
    Question question =
        new Question(asked.head().method(), asked.url(), asked.head().headers().entries());
    Optional<Explanation> explained;
    try {
      explained = explainer().atGateway(question);
    } catch (IllegalArgumentException refused) {
      return Optional.empty();
    }
    return explained.isEmpty()
        ? Optional.of(shown + NO_SERVER)
        : explained.flatMap(Outside::answered).map(becomes -> shown + becomes);
  }

  private static boolean http(Gateway gateway) {
    return gateway.servers().stream().anyMatch(Gateway.Server::http);
  }

  private static Optional<String> answered(Explanation told) {
    String route = told.json().getString("route");
    if (route.equals("httpsRedirect")) {
      return Optional.of("is redirected to " + told.json().getString("redirect"));
    }
    boolean lost = told.json().getInteger("status", 0) == NOT_FOUND;
    return route.equals("-")
        ? Optional.of("gets 404").filter(any -> lost)
        : Optional.of("goes to " + route);
  }

  /** One that a VirtualService without rules for HTTP asks for; empty after so many. */
  public Optional<String> connection(VirtualService service) {
    if (told++ >= MOST) {
      return Optional.empty();
    }
    Explainer explainer = explainer();
    boolean tls = !service.tls().isEmpty();
    Stream<ConnectionRoute> rules = tls ? service.tls().stream() : service.tcp().stream();
    Optional<ConnectionMatch> match = rules.flatMap(rule -> rule.matches().stream()).findFirst();
    Optional<String> name =
        match.flatMap(one -> one.sniHosts().stream().findFirst()).map(Site::name);
    String kind = tls ? Question.TLS : Question.TCP;
    int usual =
        explainer.gatewayPorts(new Question(kind, ADDRESS, List.of())).stream()
            .findFirst()
            .orElse(tls ? TLS_PORT : TCP_PORT);
    int port = match.map(one -> one.port().orElse(usual)).orElse(usual);
    Question asked = new Question(kind, ADDRESS + ":" + port, List.of(), name);
    String shown =
        kind + " " + asked.url() + name.map(sni -> " --sni " + sni).orElse("") + " --gateway ";
    return Optional.of(
        shown
            + explainer
                .atGateway(asked)
                .map(Outside::becomes)
                .orElse("finds no port that a Gateway opens"));
  }

  private Explainer explainer() {
    Workload any = new Workload("default", "default", "cluster.local", Map.of());
    return new Explainer(config, any, Map.of(), Unknown.ALLOW_ANY);
  }

  private static String becomes(Explanation told) {
    String route = told.json().getString("route");
    return route.equals("-") ? "is reset" : "goes to " + route;
  }
}
