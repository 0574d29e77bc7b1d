package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Tools;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.redis.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two gateways and one limit, counted in a real Redis that may die, hang and come back. */
@Timeout(300)
final class SharedLimitsIT extends ProcessFixture {

  private static final int PER_SECOND = 60; // to each gateway
  private static final int PART = Figures.length(150, 1500); // good answers in each state
  private static final String LIMITED =
      "{redis: {url: 'redis://127.0.0.1:%d', timeout: %s}, routes: [{match: {route: 'default/shop#0'},"
          + " rateLimit: {requests: %s, scope: redis}}]}";

  @BeforeEach
  void served() throws Exception {
    shop(request -> request.response().end("quick"));
  }

  private static String get(LaunchedGateway gateway) throws Exception {
    return RawHttp.exchange(
        gateway.port, RawHttp.lines("GET / HTTP/1.1", "host: shop.test", "connection: close", ""));
  }

  /** How many of so many requests to each of them pass; the others are told when to come again. */
  private static int passing(int each, LaunchedGateway... gateways) throws Exception {
    int passed = 0;
    for (int i = 0; i < each; i++) {
      for (LaunchedGateway gateway : gateways) {
        String answer = get(gateway);
        assertThat(answer).containsIgnoringCase("ratelimit-policy: \"default\";q=40;w=3600");
        if (answer.startsWith("HTTP/1.1 200 ")) {
          passed++;
        } else {
          assertThat(answer).startsWith("HTTP/1.1 429 ").containsIgnoringCase("retry-after: ");
        }
      }
    }
    return passed;
  }

  private static long metric(LaunchedGateway gateway, String name) throws Exception {
    return gateway
        .admin("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static long alone(LaunchedGateway gateway, String reason) throws Exception {
    return metric(gateway, "weft_rate_limit_counted_alone_total{reason=\"" + reason + "\"}");
  }

  /** Until it counts there (1), or does not (0). */
  private void until(LaunchedGateway gateway, long up) throws Exception {
    long seen = metric(gateway, "weft_rate_limit_redis_up");
    for (int i = 0; i < 600 && seen != up; i++) {
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
      seen = metric(gateway, "weft_rate_limit_redis_up");
    }
    assertThat(seen).as(gateway.process().said()).isEqualTo(up);
  }

  private void bothCountThere(LaunchedGateway one, LaunchedGateway other) throws Exception {
    one.process().says("ready");
    other.process().says("ready");
    until(one, 1);
    until(other, 1);
  }

  private void reaches(LoadRun run, long good) throws Exception {
    for (int i = 0; i < 3000 && run.good() < good; i++) {
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
    assertThat(run.good()).isGreaterThanOrEqualTo(good);
  }

  @Test
  void twoGatewaysShareOneLimitAndEachHasItsOwnWhileRedisIsAway() throws Exception {
    assumeTrue(Tools.there(RedisServer.missing().stream()), "a real Redis");
    try (RedisServer redis = RedisServer.start()) {
      settings(LIMITED.formatted(redis.port(), "1s", "40, per: 1h"));
      try (LaunchedGateway one = LaunchedGateway.start(folder, config);
          LaunchedGateway other = LaunchedGateway.start(folder, config)) {
        bothCountThere(one, other);

        int together = passing(30, one, other);
        long refused =
            metric(one, "weft_rate_limited_total") + metric(other, "weft_rate_limited_total");
        long uncounted =
            metric(one, "weft_rate_limit_counted_alone_total")
                + metric(other, "weft_rate_limit_counted_alone_total");
        redis.kill();
        until(one, 0);
        until(other, 0);
        int apart = passing(50, one, other);

        assertThat(together).as("of 60").isEqualTo(40);
        assertThat(refused).isEqualTo(20);
        assertThat(uncounted).isZero();
        assertThat(apart).as("of 100, each by itself").isEqualTo(80);
        assertThat(alone(one, "away")).isEqualTo(50);
        assertThat(one.process().said())
            .containsOnlyOnce("each proxy counts its rate limits by itself");
      }
    }
  }

  @Test
  void aRedisThatDiesHangsAndComesBackFailsNoRequestThatTheLimitAllows() throws Exception {
    assumeTrue(Tools.there(RedisServer.missing().stream()), "a real Redis");
    try (RedisServer redis = RedisServer.start()) {
      settings(LIMITED.formatted(redis.port(), "200ms", "5000"));
      try (LaunchedGateway one = LaunchedGateway.start(folder, config);
          LaunchedGateway other = LaunchedGateway.start(folder, config)) {
        bothCountThere(one, other);
        List<LoadRun> runs = new ArrayList<>();
        for (LaunchedGateway gateway : List.of(one, other)) {
          Load load =
              Load.of(
                  gateway.port, PER_SECOND, Duration.ofMinutes(10), Calls.get("shop.test", "/"));
          runs.add(LoadRun.start(vertx, load));
        }

        further(runs);
        redis.kill();
        until(one, 0);
        further(runs);
        redis.restart();
        bothCountThere(one, other);
        further(runs);
        long late = alone(one, "late");
        long away = alone(one, "away");
        redis.pause();
        until(one, 0);
        further(runs);
        late = alone(one, "late") - late;
        away = alone(one, "away") - away;
        redis.resume();
        bothCountThere(one, other);
        further(runs);

        LoadReport first = await(runs.get(0).stop());
        LoadReport second = await(runs.get(1).stop());
        Figures.tell(
            "shared limits: redis killed, back, hanging (%d waited, %d did not), back: %s"
                .formatted(late, away, first));
        assertThat(first.failures()).as(one.process().said()).isEmpty();
        assertThat(second.failures()).as(other.process().said()).isEmpty();
        assertThat(away).as("counted without waiting").isGreaterThanOrEqualTo(PART / 2);
        assertThat(late).as("those under way when it began to hang").isBetween(1L, away / 4);
      }
    }
  }

  private void further(List<LoadRun> runs) throws Exception {
    for (LoadRun run : runs) {
      reaches(run, run.good() + PART);
    }
  }

  @Test
  void whereNoLimitAsksForItNothingOfItIsLoaded() throws Exception {
    settings("{routes: [{match: {route: 'default/shop#0'}, rateLimit: {requests: 40, per: 1h}}]}");
    Path classes = folder.resolve("classes.txt");
    Map<String, String> variables = Map.of("WEFT_JAVA_OPTS", "-Xlog:class+load:file=" + classes);
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config, variables)) {
      gateway.process().says("ready");

      assertThat(passing(1, gateway)).isEqualTo(1);

      assertThat(Files.readString(classes))
          .contains("dev.weft.routing.stage.RateLimitStage")
          .doesNotContain("io.vertx.redis.", "dev.weft.routing.transport.redis.");
    }
  }
}
