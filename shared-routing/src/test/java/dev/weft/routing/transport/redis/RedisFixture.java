package dev.weft.routing.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.config.model.settings.Redis;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.PrometheusMetrics;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.Tools;
import dev.weft.testkit.redis.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One event loop, as a proxy has them, and what it is told of a Redis. */
abstract class RedisFixture {

  static final long HOUR = TimeUnit.HOURS.toMicros(1);
  static final Duration LONG = Duration.ofSeconds(1); // the machine may be busy

  @TempDir Path folder;

  final SystemTicker ticker = new SystemTicker();
  final PrometheusMetrics metrics =
      new PrometheusMetrics(new MeshSignals(1, MeshSignals.Limits.DEFAULT, ticker));
  final Vertx vertx =
      Vertx.builder()
          .with(
              new VertxOptions()
                  .setPreferNativeTransport(true)
                  .setMetricsOptions(metrics.vertxOptions()))
          .withMetrics(metrics.vertxFactory())
          .build();
  final Context context = vertx.getOrCreateContext();
  final LogLines log = new LogLines(LinkStanding.class);
  private final Loop loop = new Loop(0, new VertxTimers(vertx), ticker);

  @BeforeEach
  void wanted() {
    assumeTrue(Tools.there(RedisServer.missing().stream()), "a real Redis");
  }

  @AfterEach
  void end() throws Exception {
    log.close();
    await(vertx.close());
    metrics.close();
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  RedisBuckets opened(String url, String passwordFile, String roots, Duration patience) {
    return RedisBuckets.open(
        vertx, new Redis(url, passwordFile, roots, patience), ticker, List.of(context));
  }

  RedisBuckets opened(RedisServer server) {
    return opened("redis://127.0.0.1:" + server.port(), "", "", LONG);
  }

  /** Begins so many on the loop at once. */
  List<Future<Taken>> begun(RedisBuckets buckets, String key, long interval, int times)
      throws Exception {
    Promise<List<Future<Taken>>> all = Promise.promise();
    context.runOnContext(
        begin -> {
          List<Future<Taken>> some = new ArrayList<>();
          for (int i = 0; i < times; i++) {
            some.add(buckets.take(loop, key, interval, 4 * interval));
          }
          all.complete(some);
        });
    return await(all.future());
  }

  Taken taken(RedisBuckets buckets, String key, long interval) throws Exception {
    return await(begun(buckets, key, interval, 1).get(0));
  }

  static Throwable failure(Future<Taken> future) throws Exception {
    return await(future.transform(ended -> Future.succeededFuture(ended.cause())));
  }

  void until(RedisBuckets buckets, boolean answers) throws Exception {
    until("answers: " + answers, () -> buckets.answers() == answers);
  }

  void until(String what, BooleanSupplier so) throws Exception {
    boolean seen = so.getAsBoolean();
    for (int i = 0; i < 6000 && !seen; i++) {
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
      seen = so.getAsBoolean();
    }
    assertThat(seen).as(what).isTrue();
  }
}
