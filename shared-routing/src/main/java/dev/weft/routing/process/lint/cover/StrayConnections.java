package dev.weft.routing.process.lint.cover;

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

/** Connections for rules that hold at no gateway, and what becomes of them. One thread. */
public final class StrayConnections {

  private static final String ADDRESS = "192.0.2.1"; // a gateway's, whichever it is (RFC 5737)
  private static final int TLS_PORT = 443;
  private static final int TCP_PORT = 5432;
  private static final int MOST = 100; // each is decided by rules that are compiled for it

  private final MeshConfig config;
  private int told;

  /** Of a configuration. */
  public StrayConnections(MeshConfig config) {
    this.config = config;
  }

  /** One that a VirtualService without rules for HTTP asks for; empty after so many. */
  public Optional<String> example(VirtualService service) {
    if (told++ >= MOST) {
      return Optional.empty();
    }
    Workload any = new Workload("default", "default", "cluster.local", Map.of());
    Explainer explainer = new Explainer(config, any, Map.of(), Unknown.ALLOW_ANY);
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
                .map(StrayConnections::becomes)
                .orElse("finds no port that a Gateway opens"));
  }

  private static String becomes(Explanation told) {
    String route = told.json().getString("route");
    return route.equals("-") ? "is reset" : "goes to " + route;
  }
}
