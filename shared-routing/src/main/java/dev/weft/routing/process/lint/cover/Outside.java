package dev.weft.routing.process.lint.cover;

import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.admin.AdminSource.Explanation;
import dev.weft.routing.admin.AdminSource.Question;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.process.explain.Explainer;
import java.util.Map;
import java.util.Optional;

/**
 * Asks an explanation of any gateway what becomes of requests for rules that hold at none. One
 * thread.
 */
public final class Outside {

  private static final String NO_SERVER = "finds no server for HTTP there";
  private static final int NOT_FOUND = 404;
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
        : explained.map(Outside::answered).map(becomes -> shown + becomes);
  }

  private static boolean http(Gateway gateway) {
    return gateway.servers().stream().anyMatch(Gateway.Server::http);
  }

  private static String answered(Explanation told) {
    String route = told.json().getString("route");
    if (route.equals("httpsRedirect")) {
      return "is redirected to " + told.json().getString("redirect");
    }
    if (!route.equals("-")) {
      return "goes to " + route;
    }
    int status = told.json().getInteger("status", 0);
    String why = told.json().getString("why");
    return status == NOT_FOUND ? "gets 404" : (status > 0 ? "gets " : "comes to no rule: ") + why;
  }

  private Explainer explainer() {
    Workload any = new Workload("default", "default", "cluster.local", Map.of());
    return new Explainer(config, any, Map.of(), Unknown.ALLOW_ANY);
  }
}
