package dev.weft.routing.verticle;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.weft.config.ConfigDocument;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.resilience.WindowedCircuitBreaker;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.SnapshotCompiler;
import dev.weft.routing.snapshot.SnapshotStore;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.transport.Unsecured;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/** What tests of configuration on its way stand on: one event loop, and nothing that listens. */
abstract class ConfigFixture {

  static final SystemTicker TICKER = new SystemTicker();

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final SnapshotStore store = new SnapshotStore();

  /** Runs on the worker that compiles, each time. */
  volatile Runnable compiling = () -> {};

  volatile Future<Void> opening = Future.succeededFuture(); // listeners

  @AfterEach
  void close() throws Exception {
    done(vertx.close());
  }

  UpstreamRegistry registry(UpstreamRegistry.Listener listener) {
    return new UpstreamRegistry(
        TICKER,
        (name, transition) ->
            new WindowedCircuitBreaker(name.toString(), vertx, TICKER, transition),
        listener);
  }

  /** With the look-ups of names. */
  ConfigVerticle configured() throws Exception {
    UpstreamRegistry registry = registry(new CircuitBreakerVerticle(new Unsecured()));
    ConfigVerticle config = configured(registry);
    done(vertx.deployVerticle(new DiscoveryVerticle(store, config, registry::all)));
    return config;
  }

  ConfigVerticle configured(UpstreamRegistry registry) throws Exception {
    SnapshotCompiler compiler =
        new SnapshotCompiler(
            new Workload("default", "caller", "cluster.local", Map.of()),
            new Plan(Map.of(), true, false),
            registry,
            (version, log) -> {
              compiling.run();
              return (exchange, ending) -> {};
            },
            List.of());
    ConfigVerticle config =
        new ConfigVerticle(
            compiler, store, TICKER, snapshot -> opening, new Forgetting(), List.of("dir:x"));
    done(vertx.deployVerticle(config));
    return config;
  }

  /** Keeps nothing for a restart. */
  private static final class Forgetting implements ConfigVerticle.Keeper {
    @Override
    public Map<String, Map<String, List<ConfigDocument>>> read() {
      return Map.of();
    }

    @Override
    public void write(Map<String, Map<String, List<ConfigDocument>>> units) {}
  }

  static ConfigDocument entry(String name, String address) {
    return entry(name, address, "STATIC");
  }

  static ConfigDocument entry(String name, String address, String resolution) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: NAME}
        spec:
          hosts: [NAME.test]
          resolution: RESOLUTION
          ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
          endpoints: [{address: ADDRESS}]
        """;
    return new ConfigDocument(
        "dir:x",
        name + ".yaml",
        text.replace("NAME", name).replace("ADDRESS", address).replace("RESOLUTION", resolution));
  }

  static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }
}
