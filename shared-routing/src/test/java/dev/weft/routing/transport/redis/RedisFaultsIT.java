package dev.weft.routing.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.redis.RedisServer;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Redis that answers, but not as it should, and what only looks like one. */
@Timeout(120)
final class RedisFaultsIT extends RedisFixture {

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  /** Something on a port of loopback; which is returned. */
  private int served(Handler<NetSocket> talk) throws Exception {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(
                socket -> {
                  connections.incrementAndGet();
                  open.incrementAndGet();
                  socket.closeHandler(gone -> open.decrementAndGet());
                  talk.handle(socket);
                });
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private RedisBuckets opened(int port) {
    return opened("redis://127.0.0.1:" + port, "", "", LONG);
  }

  @Test
  void anotherKindOfValueIsAnErrorOfItsKeyAlone() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      server.say("LPUSH a x");

      assertThat(failure(begun(buckets, "a", HOUR, 1).get(0))).isNotNull();

      assertThat(taken(buckets, "b", HOUR).passes()).isTrue();
      assertThat(buckets.answers()).isTrue();
      assertThat(buckets.unanswered()).containsEntry("error", 1L).containsEntry("away", 0L);
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).contains("its answer is ").contains("WRONGTYPE");
    }
  }

  @Test
  void whatIsNoTimeIsAFullBucket() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);
      server.say("SET a garbage");
      server.say("SET b nan");

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
      assertThat(taken(buckets, "b", HOUR).passes()).isTrue();
      assertThat(Long.parseLong(server.say("PTTL a").substring(1))).isPositive();
    }
  }

  @Test
  void oneThatBecomesAReplicaIsLeftUntilItIsNone() throws Exception {
    try (RedisServer server = RedisServer.start()) {
      RedisBuckets buckets = opened(server);
      until(buckets, true);

      server.say("REPLICAOF 127.0.0.1 1");
      assertThat(failure(begun(buckets, "a", HOUR, 1).get(0))).isNotNull();
      assertThat(buckets.answers()).isFalse();
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).contains("READONLY").contains("counts its rate limits by");
      server.say("REPLICAOF NO ONE");
      until(buckets, true);

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
    }
  }

  @Test
  void aUserThatMayDoNoMoreThanIsDocumentedIsEnough() throws Exception {
    List<String> user = new ArrayList<>(List.of("--user", "weft", "on", ">hush-hush"));
    user.addAll(List.of("resetkeys", "~weft:limit:*", "-@all", "+hello", "+auth", "+select"));
    user.addAll(List.of("+script|load", "+evalsha", "+eval", "+time", "+get", "+set"));
    try (RedisServer server = RedisServer.start(user.toArray(String[]::new))) {
      Path file = Files.writeString(folder.resolve("password"), "hush-hush\n");
      String url = "redis://weft@127.0.0.1:" + server.port() + "/0";
      RedisBuckets buckets = opened(url, file.toString(), "", LONG);
      until(buckets, true);

      assertThat(taken(buckets, "weft:limit:a", HOUR).passes()).isTrue();
      assertThat(failure(begun(buckets, "other", HOUR, 1).get(0))).as("not its key").isNotNull();
    }
  }

  @Test
  void aSocketOfTheMachineIsARedisToo() throws Exception {
    Path socket = folder.resolve("redis.sock");
    try (RedisServer server = RedisServer.start("--unixsocket", socket.toString())) {
      RedisBuckets buckets = opened("unix://" + socket, "", "", LONG);
      until(buckets, true);

      assertThat(taken(buckets, "a", HOUR).passes()).isTrue();
      assertThat(server.say("EXISTS a")).isEqualTo(":1");
    }
  }

  @Test
  void noFileButOneOfOnePasswordIsSent() throws Exception {
    StringBuilder heard = new StringBuilder();
    int port = served(socket -> socket.handler(heard::append));
    Path lines = Files.writeString(folder.resolve("lines"), "first-of-many\nsecond\n");
    Path large = Files.writeString(folder.resolve("large"), "x".repeat(5000));
    Path empty = Files.writeString(folder.resolve("empty"), "\n");
    String url = "redis://127.0.0.1:" + port;

    for (Path file : new Path[] {lines, large, empty, folder, Path.of("/dev/zero")}) {
      int before = log.lines().size();
      RedisBuckets buckets = opened(url, file.toString(), "", LONG);
      until("a line of the log", () -> log.lines().size() > before);
      buckets.close();
    }

    assertThat(log.lines())
        .hasSize(5)
        .allMatch(line -> line.contains("no file of one password"))
        .noneMatch(line -> line.contains("first-of-many"));
    assertThat(heard).as("what was sent").isEmpty();
  }

  @Test
  void oneThatTakesConnectionsAndSaysNothingHoldsOne() throws Exception {
    RedisBuckets buckets = opened(served(socket -> {}));

    until("three connections", () -> connections.get() >= 3);
    until("one at a time", () -> open.get() <= 1);
    assertThat(buckets.answers()).isFalse();
    assertThat(log.lines()).as("told once").hasSize(1);
    assertThat(log.lines().get(0)).contains("no connection (");
  }

  @Test
  void whatIsNoRedisIsTriedAgainAndEachTimeLetGo() throws Exception {
    RedisBuckets buckets =
        opened(served(socket -> socket.end(Buffer.buffer("HTTP/1.1 400 Bad Request\r\n\r\n"))));

    until("five connections", () -> connections.get() >= 5);
    until("each is let go", () -> open.get() == 0);

    assertThat(buckets.answers()).isFalse();
    assertThat(await(vertx.executeBlocking(metrics::scrape)).lines())
        .as("a meter for each connection")
        .filteredOn(line -> line.contains("redis") && line.startsWith("vertx_pool_ratio"))
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void anAnswerThatIsNoNumberIsAnError() throws Exception {
    AtomicInteger said = new AtomicInteger();
    RedisBuckets buckets =
        opened(
            served(
                socket ->
                    socket.handler(
                        request -> {
                          int turn = said.getAndIncrement(); // HELLO, SCRIPT, the probe, and then
                          socket.write(turn == 0 ? "%0\r\n" : turn == 2 ? ":1\r\n" : "$1\r\nx\r\n");
                        })));
    until(buckets, true);

    assertThat(failure(begun(buckets, "a", HOUR, 1).get(0))).isNotNull();

    assertThat(buckets.unanswered()).containsEntry("error", 1L);
    assertThat(log.lines()).last().asString().contains("its answer is no number");
  }
}
