package dev.weft.control.stream;

import dev.weft.control.issue.Callers.Caller;
import dev.weft.control.issue.JsonErrors;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.discovery.standing.Standing;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/config/acknowledged}: what proxies say of the versions that their streams told.
 */
final class Acknowledgements {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledgements.class);
  private static final int LARGEST = 65_536;
  private static final String UNREADABLE =
      "the body cannot be read (expected: JSON with accepted and version)";

  private final Function<RoutingContext, Optional<Caller>> callers;
  private final Supplier<List<ProxyState>> listening;

  /**
   * @param callers who calls; empty where that has been answered already
   * @param listening the streams that are open
   */
  Acknowledgements(
      Function<RoutingContext, Optional<Caller>> callers, Supplier<List<ProxyState>> listening) {
    this.callers = callers;
    this.listening = listening;
  }

  void mount(Router router) {
    router
        .post("/v1/config/acknowledged")
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST))
        .handler(this::acknowledge);
  }

  private void acknowledge(RoutingContext context) {
    callers.apply(context).ifPresent(caller -> acknowledge(context, caller.id()));
  }

  private void acknowledge(RoutingContext context, SpiffeId caller) {
    try {
      JsonObject body = context.body().asJsonObject();
      if (body == null) {
        JsonErrors.end(context, 400, UNREADABLE);
        return;
      }
      long version = body.getLong("version", 0L);
      boolean accepted = body.getBoolean("accepted", false);
      String why = body.getString("why", "");
      Standing standing = Standing.read(body);
      answering(caller, body.getLong("stream", 0L))
          .ifPresent(
              proxy -> {
                if (proxy.answered(version, accepted, why) && !accepted) {
                  LOG.warn("{} refused version {}: {}", caller, version, ProxyState.line(why));
                }
                stands(proxy, standing);
              });
      context.response().setStatusCode(204).end();
    } catch (DecodeException | ClassCastException | IllegalArgumentException e) {
      JsonErrors.end(context, 400, UNREADABLE);
    }
  }

  private static void stands(ProxyState proxy, Standing now) {
    List<Trouble> before = proxy.standing().troubles();
    if (!proxy.stands(now) || before.equals(now.troubles())) {
      return;
    }
    if (now.troubles().isEmpty()) {
      LOG.info("{}: all that did not work works", proxy.peer());
    } else {
      int more = now.troubles().size() - 1;
      LOG.warn(
          "{}: {}{}",
          proxy.peer(),
          now.troubles().get(0),
          more == 0 ? "" : " (and " + more + " more)");
    }
  }

  /**
   * Whose answer it is: nobody answers for another identity.
   *
   * @param stream 0 from a proxy that does not tell it, and may be the only one of its identity
   */
  private Optional<ProxyState> answering(SpiffeId caller, long stream) {
    List<ProxyState> own =
        listening.get().stream()
            .filter(one -> one.id().equals(caller) && (stream == 0 || stream == one.stream()))
            .toList();
    return own.size() == 1 ? Optional.of(own.get(0)) : Optional.empty();
  }
}
