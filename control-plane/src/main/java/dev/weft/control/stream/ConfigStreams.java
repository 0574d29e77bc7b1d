package dev.weft.control.stream;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import dev.weft.control.issue.Callers;
import dev.weft.control.issue.JsonErrors;
import dev.weft.routing.identity.SpiffeId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams the checked configuration to every proxy that proved its identity: {@code GET /v1/config}
 * answers with one JSON object a line, first all that concerns the caller, then what changed. A
 * slow reader gets the newest state when it can take more, never a queue of old ones. All work is
 * on the event loop that owns the control plane's server.
 */
public final class ConfigStreams {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigStreams.class);
  private static final long SIGN_OF_LIFE_MILLIS = 10_000;
  private static final int LARGEST_ACKNOWLEDGEMENT = 65_536;
  private static final String UNREADABLE =
      "the body cannot be read (expected: JSON with accepted and version)";

  private final Callers callers;
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final Map<SpiffeId, Long> acknowledged = new HashMap<>();
  private MeshConfig current = MeshConfig.EMPTY;
  private long version;

  public ConfigStreams(Vertx vertx, Callers callers) {
    this.callers = callers;
    vertx.setPeriodic(SIGN_OF_LIFE_MILLIS, tick -> subscribers.forEach(Subscriber::alive));
  }

  public void mount(Router router) {
    router.get("/v1/config").handler(this::subscribe);
    router
        .post("/v1/config/acknowledged")
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST_ACKNOWLEDGEMENT))
        .handler(this::acknowledge);
  }

  /** Sends what changed to whom it concerns. */
  public void publish(MeshConfig config) {
    current = config;
    version++;
    subscribers.forEach(Subscriber::send);
  }

  /** Proxies that listen now. */
  public int subscribers() {
    return subscribers.size();
  }

  private void subscribe(RoutingContext context) {
    Optional<SpiffeId> caller = caller(context);
    if (caller.isEmpty()) {
      return;
    }
    HttpServerResponse out = context.response().setChunked(true);
    out.putHeader("content-type", "application/x-ndjson");
    Subscriber subscriber = new Subscriber(caller.get(), out);
    subscribers.add(subscriber);
    LOG.info("{} listens ({} proxies)", caller.get(), subscribers.size());
    out.exceptionHandler(failed -> {}); // the close handler tells of it
    out.closeHandler(
        closed -> {
          subscribers.remove(subscriber);
          LOG.info("{} left ({} proxies)", caller.get(), subscribers.size());
        });
    subscriber.send();
  }

  /** Who calls; empty where it has been answered that nobody may who proves no identity. */
  private Optional<SpiffeId> caller(RoutingContext context) {
    try {
      Optional<SpiffeId> caller = callers.of(context.request());
      if (caller.isEmpty()) {
        JsonErrors.end(context, 403, "the caller showed no certificate");
      }
      return caller;
    } catch (CertificateException e) {
      JsonErrors.end(context, 403, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void acknowledge(RoutingContext context) {
    caller(context).ifPresent(caller -> acknowledge(context, caller));
  }

  private void acknowledge(RoutingContext context, SpiffeId caller) {
    try {
      JsonObject body = context.body().asJsonObject();
      if (body == null) {
        JsonErrors.end(context, 400, UNREADABLE);
        return;
      }
      if (body.getBoolean("accepted", false)) {
        acknowledged.put(caller, body.getLong("version", 0L));
      } else {
        LOG.warn(
            "{} refused version {}: {}", caller, body.getLong("version"), body.getString("why"));
      }
      context.response().setStatusCode(204).end();
    } catch (DecodeException | ClassCastException e) {
      JsonErrors.end(context, 400, UNREADABLE);
    }
  }

  /** One proxy's stream. */
  private final class Subscriber {

    private final SpiffeId id;
    private final HttpServerResponse out;
    private Map<String, String> sent = Map.of();
    private long sentVersion = -1;

    Subscriber(SpiffeId id, HttpServerResponse out) {
      this.id = id;
      this.out = out;
    }

    void alive() {
      if (!out.writeQueueFull()) {
        out.write("{}\n");
      }
    }

    void send() {
      if (sentVersion == version) {
        return;
      }
      if (out.writeQueueFull()) {
        out.drainHandler(drained -> send());
        return;
      }
      Map<String, String> now = ConfigCodec.write(Scopes.of(current, id.namespace()));
      JsonObject set = new JsonObject();
      now.forEach(
          (name, text) -> {
            if (!text.equals(sent.get(name))) {
              set.put(name, text);
            }
          });
      Set<String> gone = new HashSet<>(sent.keySet());
      gone.removeAll(now.keySet());
      boolean first = sentVersion < 0;
      sent = now;
      sentVersion = version;
      if (first || !set.isEmpty() || !gone.isEmpty()) {
        JsonObject line =
            new JsonObject()
                .put("version", version)
                .put("set", set)
                .put("remove", new JsonArray(List.copyOf(gone)));
        out.write(line.encode() + "\n");
      }
    }
  }
}
