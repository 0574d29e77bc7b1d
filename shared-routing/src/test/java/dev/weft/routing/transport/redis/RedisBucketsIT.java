package dev.weft.routing.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.redis.RedisServer;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Buckets in a real Redis: shared, bounded, and what happens while it is away. */
@Timeout(120)
final class RedisBucketsIT extends RedisFixture {

  @Test
  void twoProxiesTakeFromOneBucket() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets one = opened(server);
      RedisBuckets other = opened(server);
      until(one, true);
      until(other, true);

      List<Boolean> passed = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        passed.add(taken(one, "a", HOUR).passes());
        passed.add(taken(other, "a", HOUR).passes());
      }
      Taken refused = taken(one, "a", HOUR);

      assertThat(passed).containsExactly(true, true, true, true, false, false);
      assertThat(refused.fullMicros()).isBetween(4 * HOUR - HOUR / 10, 4 * HOUR);
      assertThat(taken(other, "b", HOUR).passes()).as("another key").isTrue();
    }
  }

  @Test
  void manyAtOnceAreCountedExactly() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets one = opened(server);
      RedisBuckets other = opened(server);
      until(one, true);
      until(other, true);

      List<Future<Taken>> all = new ArrayList<>(begun(one, "a", HOUR, 200));
      all.addAll(begun(other, "a", HOUR, 200));
      await(Future.all(all));

      assertThat(all).filteredOn(each -> each.result().passes()).hasSize(4);
    }
  }

  @Test
  void aBucketFillsAgainAndIsForgottenOnceItIsFull() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      long interval = 200_000;
      for (int i = 0; i < 4; i++) {
        taken(buckets, "a", interval);
      }
      boolean passes = false;
      for (int i = 0; i < 100_000 && !passes; i++) {
        passes = taken(buckets, "a", interval).passes();
      }
      String left = server.say("DBSIZE");
      for (int i = 0; i < 100_000 && !left.equals(":0"); i++) {
        left = server.say("DBSIZE");
      }

      assertThat(passes).isTrue();
      assertThat(left).isEqualTo(":0");
    }
  }

  @Test
  void aTimeFarOffIsOneWholeBucketAtMost() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      server.say("SET a 9000000000000000");

      Taken refused = taken(buckets, "a", HOUR);

      assertThat(refused).isEqualTo(new Taken(false, 4 * HOUR));
    }
  }

  @Test
  void aRedisThatForgotItsScriptsIsToldThem() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      assertThat(server.say("SCRIPT FLUSH")).isEqualTo("+OK");

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
      assertThat(buckets.unanswered()).containsEntry("error", 0L);
    }
  }

  @Test
  void aRedisThatDiesAnswersNobodyAndOnceItIsBackEverybody() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);

      server.kill();
      until(buckets, false);
      assertThat(failure(begun(buckets, "a", HOUR, 1).get(0))).isNotNull();
      server.restart();
      until(buckets, true);

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
      assertThat(buckets.unanswered()).containsEntry("away", 1L);
      assertThat(log.lines())
          .filteredOn(line -> line.contains("each proxy counts its rate limits by itself"))
          .as("once")
          .hasSize(1);
      assertThat(log.lines()).last().asString().contains("answers again");
    }
  }

  @Test
  void aRedisThatHangsIsWaitedForOnceAndNotAgain() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);

      server.pause();
      List<Future<Taken>> first = begun(buckets, "a", HOUR, 3);
      await(Future.join(first).otherwiseEmpty());
      boolean answered = buckets.answers();
      Future<Taken> next = begun(buckets, "a", HOUR, 1).get(0);
      boolean atOnce = next.isComplete();
      server.resume();
      until(buckets, true);

      assertThat(first).allMatch(Future::failed);
      assertThat(answered).isFalse();
      assertThat(atOnce).as("nobody waits for one that hangs").isTrue();
      assertThat(next.failed()).isTrue();
      assertThat(buckets.unanswered()).containsEntry("late", 3L).containsEntry("away", 1L);
      Taken after = taken(buckets, "a", HOUR);
      assertThat(after.passes()).as("three were counted while nobody waited").isTrue();
      assertThat(taken(buckets, "a", HOUR).passes()).isFalse();
    }
  }

  @Test
  void moreThanMayWaitDoNotWait() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      server.pause();

      List<Future<Taken>> all = begun(buckets, "a", HOUR, RedisConnector.MOST_UNDER_WAY + 50);

      assertThat(all).filteredOn(Future::isComplete).hasSize(50).allMatch(Future::failed);
      assertThat(buckets.unanswered()).containsEntry("full", 50L);
      server.resume();
      await(Future.join(all).otherwiseEmpty());
    }
  }

  @Test
  void aPasswordComesFromAFileAndIsNeverTold() throws Exception {
    try (RedisServer server = RedisServer.start("--requirepass", "hush-hush")) {
      Path file = Files.writeString(folder.resolve("password"), "wrong-one\n");
      String url = "redis://127.0.0.1:" + server.port() + "/3";
      RedisBuckets buckets = opened(url, file.toString(), "", LONG);
      RedisBuckets without = opened(url, "", "", LONG);
      until("a line of the log", () -> !log.lines().isEmpty());
      assertThat(buckets.answers()).isFalse();

      Files.writeString(file, "hush-hush\n");
      until(buckets, true);

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
      assertThat(without.answers()).isFalse();
      assertThat(log.lines())
          .isNotEmpty()
          .noneMatch(line -> line.contains("hush") || line.contains("-one"));
    }
  }

  @Test
  void aCertificateFileThatIsNotThereIsToldAndTheProxyCountsAlone() throws Exception {
    Path root = folder.resolve("root.pem");
    RedisBuckets buckets = opened("rediss://127.0.0.1:1", "", root.toString(), LONG);
    until("a line of the log", () -> !log.lines().isEmpty());
    assertThat(failure(begun(buckets, "a", HOUR, 1).get(0))).isNotNull();
    assertThat(buckets.answers()).isFalse();
    assertThat(log.lines()).first().asString().contains("no connection (");
  }

  @Test
  void tlsVerifiesWhoAnswers() throws Exception {
    TestCertificates certificates = new TestCertificates(Instant.now());
    TestCertificates.Leaf leaf = certificates.ofAddress("127.0.0.1");
    Path key = Files.writeString(folder.resolve("key.pem"), leaf.key());
    Path chain = Files.writeString(folder.resolve("chain.pem"), leaf.certificate());
    Path root = Files.writeString(folder.resolve("root.pem"), certificates.rootPem());
    Path foreign =
        Files.writeString(
            folder.resolve("foreign.pem"), new TestCertificates(Instant.now()).rootPem());
    try (RedisServer server =
        RedisServer.start(
            "--port",
            "0",
            "--tls-port",
            "PORT",
            "--tls-cert-file",
            chain.toString(),
            "--tls-key-file",
            key.toString(),
            "--tls-ca-cert-file",
            root.toString(),
            "--tls-auth-clients",
            "no")) {
      String url = "rediss://127.0.0.1:" + server.port();
      RedisBuckets known = opened(url, "", root.toString(), LONG);
      RedisBuckets unknown = opened(url, "", foreign.toString(), LONG);
      until(known, true);

      assertThat(taken(known, "a", HOUR).passes()).isTrue();
      until("a line of the log", () -> !log.lines().isEmpty());
      assertThat(unknown.answers()).isFalse();
      assertThat(log.lines()).isNotEmpty();
      assertThat(unknown.unanswered())
          .isEqualTo(Map.of("away", 0L, "late", 0L, "full", 0L, "error", 0L));
    }
  }
}
