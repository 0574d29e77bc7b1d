package dev.weft.routing.process.lint;

import dev.weft.config.model.HttpRoute.Mirror;
import dev.weft.config.problem.Codes;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.process.lint.cover.Asked;
import dev.weft.routing.route.CompiledRoute;
import java.util.List;

/** Copies of requests that go where nobody is, or to where the requests go themselves. */
final class Copies {

  private static final int MOST_DRAWS = 5_000;
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private final Findings findings;

  Copies(Findings findings) {
    this.findings = findings;
  }

  /**
   * @param field of the rule
   * @param asked a request that the rule gets
   */
  void check(CompiledRoute route, String field, Asked asked, Endpoints endpoints) {
    List<Mirror> mirrors = route.rule().mirrors();
    for (int i = 0; i < mirrors.size(); i++) {
      ClusterName to = route.mirrors().get(i);
      if (copied(asked, to)) {
        String at = field + (mirrors.size() > 1 ? ".mirrors[" + i + "].destination" : ".mirror");
        endpoints.missing(
            to, mirrors.get(i).destination().place(), at, asked.told() + ": its copy is lost");
        itself(route, to, mirrors.get(i), at, asked);
      }
    }
  }

  /** Whether some draw copies the request there. */
  static boolean copied(Asked asked, ClusterName to) {
    for (int i = 0; i < MOST_DRAWS; i++) {
      if (asked.at().decide(asked, i * STEP).mirrors().contains(to)) {
        return true;
      }
    }
    return false;
  }

  private void itself(CompiledRoute route, ClusterName to, Mirror mirror, String at, Asked asked) {
    boolean only = !route.destinations().isEmpty();
    for (int i = 0; i < route.destinations().size(); i++) {
      boolean gets = route.destinations().size() == 1 || route.destinations().get(i).weight() > 0;
      only &= !gets || route.clusters().get(i).equals(to);
    }
    if (only) {
      findings.add(
          Codes.CONTRADICTORY,
          mirror.destination().place(),
          at,
          "copies requests to where they go themselves, which gets them twice; e.g. "
              + asked.told(),
          "mirror to another subset or service, or remove it");
    }
  }
}
