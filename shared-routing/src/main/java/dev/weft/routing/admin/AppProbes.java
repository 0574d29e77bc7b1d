package dev.weft.routing.admin;

import dev.weft.config.model.balance.HealthCheck;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.transport.EndpointProbe;
import dev.weft.routing.transport.UpstreamCredentials;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks the own application whether it is well, for those who could not reach it by themselves: a
 * kubelet has no certificate of the mesh. Each question ends within its timeout, and only so many
 * are under way at once.
 */
public final class AppProbes {

  private static final int MOST = 16;

  private final EndpointProbe probe;
  private final List<Asked> all;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * One question.
   *
   * @param path by which it is asked here, e.g. {@code /app-health/search/readyz}
   * @param application where it is asked
   */
  public record Asked(String path, Endpoint application, HealthCheck check) {}

  public AppProbes(Vertx vertx, UpstreamCredentials credentials, List<Asked> all) {
    this.probe = new EndpointProbe(vertx, credentials, new VertxTimers(vertx));
    this.all = List.copyOf(all);
  }

  void on(Router router) {
    all.forEach(asked -> router.get(asked.path).handler(context -> ask(context, asked)));
  }

  private void ask(RoutingContext context, Asked asked) {
    if (underWay.incrementAndGet() > MOST) {
      underWay.decrementAndGet();
      Replies.error(context, 503, "as many as " + MOST + " are asked already");
      return;
    }
    EndpointProbe.Asked question =
        probe.ask(asked.application, asked.check, asked.application.address(), false);
    question.over().onComplete(over -> underWay.decrementAndGet());
    question
        .answer()
        .onSuccess(well -> Replies.json(context, 200, new JsonObject().put("application", "well")))
        .onFailure(
            ill ->
                Replies.error(context, 503, asked.application.address() + ": " + ill.getMessage()));
  }
}
