package dev.weft.routing.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.testkit.LogLines;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class RedisLinkTest {

  private static final Duration PATIENCE = Duration.ofMillis(10);
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Taken PASSES = new Taken(true, 5);

  private final HandTimers time = new HandTimers();
  private final List<FakeLine> lines = new ArrayList<>();
  private final List<Long> pauses = new ArrayList<>(); // the longest that each might have been
  private final LinkStanding standing = new LinkStanding("redis.test:6379", 1, time);
  private final RedisLink link =
      new RedisLink(this::next, new RedisLink.Turns(time, time, PATIENCE, this::longest), standing);

  /** A Redis that says what a test wants, in the order of what it was asked. */
  private static final class FakeLine implements RedisLine {

    private final Deque<Promise<Taken>> asked = new ArrayDeque<>();
    private final Deque<Promise<Taken>> probes = new ArrayDeque<>();
    private Consumer<String> told = why -> {};
    private boolean closed;

    private static Future<Taken> added(Deque<Promise<Taken>> all) {
      Promise<Taken> promise = Promise.promise();
      all.add(promise);
      return promise.future();
    }

    @Override
    public Future<Taken> take(String key, long intervalMicros, long capacityMicros) {
      return added(asked);
    }

    @Override
    public Future<Taken> probe() {
      return added(probes);
    }

    @Override
    public void onEnd(Consumer<String> how) {
      told = how;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private Future<RedisLine> next() {
    FakeLine line = new FakeLine();
    lines.add(line);
    return Future.succeededFuture(line);
  }

  private long longest(long most) {
    pauses.add(most);
    return most;
  }

  private FakeLine last() {
    return lines.get(lines.size() - 1);
  }

  private FakeLine connected() {
    link.open();
    return last();
  }

  /** One whose answer did not come in time. */
  private FakeLine silent() {
    FakeLine line = connected();
    taken();
    time.turn(PATIENCE);
    assertThat(standing.unanswered()).containsEntry("late", 1L);
    return line;
  }

  private Future<Taken> taken() {
    return link.take("a", 1, 4);
  }

  @Test
  void anAnswerInTimeIsPassedOn() {
    FakeLine line = connected();

    Future<Taken> answer = taken();
    time.turn(PATIENCE.minus(MILLISECOND));
    line.asked.remove().complete(PASSES);

    assertThat(answer.result()).isEqualTo(PASSES);
    assertThat(standing.all()).isTrue();
  }

  @Test
  void oneThatIsSlowIsAskedByNobodyUntilAProbeIsAnsweredInTime() {
    FakeLine line = silent();

    line.asked.remove().complete(PASSES); // late
    assertThat(taken().failed()).as("its own answer was late").isTrue();
    time.turn(PATIENCE.plus(MILLISECOND));
    line.probes.remove().complete(PASSES);
    assertThat(taken().failed()).as("and so was the probe's").isTrue();
    assertThat(standing.all()).isFalse();
    time.turn(PATIENCE);
    line.probes.remove().complete(PASSES);

    assertThat(standing.all()).isTrue();
    assertThat(line.probes).isEmpty();
    assertThat(taken().isComplete()).isFalse();
    assertThat(line.asked).hasSize(1);
    assertThat(standing.unanswered()).containsEntry("late", 1L).containsEntry("away", 2L);
  }

  @Test
  void severalLateAnswersAreOneProbe() {
    FakeLine line = connected();
    for (int i = 0; i < 3; i++) {
      taken();
    }
    time.turn(PATIENCE);

    for (int i = 0; i < 3; i++) {
      line.asked.remove().complete(PASSES);
    }

    assertThat(line.probes).hasSize(1);
  }

  @Test
  void silenceIsGivenUpAfterASecondWithoutAnyAnswer() {
    FakeLine line = silent();
    Duration nearly = RedisLink.SILENCE.minus(MILLISECOND);

    time.turn(nearly);
    line.asked.remove().complete(PASSES);
    time.turn(nearly);
    assertThat(line.closed).as("something came meanwhile").isFalse();
    time.turn(MILLISECOND);

    assertThat(line.closed).isTrue();
    assertThat(standing.all()).isFalse();
    time.turn(RedisLink.FIRST_PAUSE);
    assertThat(standing.all()).as("over another connection").isTrue();
  }

  @Test
  void aSilenceThatEndedDoesNotShortenTheNext() {
    FakeLine line = silent();
    line.asked.remove().complete(PASSES);
    line.probes.remove().complete(PASSES);
    assertThat(standing.all()).isTrue();
    time.turn(RedisLink.SILENCE.minus(PATIENCE).minus(MILLISECOND));
    taken();
    time.turn(PATIENCE);

    time.turn(MILLISECOND);

    assertThat(standing.all()).isFalse();
    assertThat(line.closed).isFalse();
  }

  @Test
  void oneThatEndsAgainAndAgainIsTriedAfterEverLongerPauses() {
    connected();

    for (int i = 0; i < 8; i++) {
      last().told.accept("gone");
      time.turn(RedisLink.LONGEST_PAUSE.minus(MILLISECOND));
    }

    assertThat(pauses).containsExactly(50L, 100L, 200L, 400L, 800L, 1600L, 2000L);
  }

  @Test
  void oneThatLastedIsTriedAgainSoon() {
    connected();
    last().told.accept("gone");
    time.turn(RedisLink.FIRST_PAUSE);
    last().told.accept("gone");
    time.turn(RedisLink.FIRST_PAUSE.multipliedBy(2));

    time.turn(RedisLink.LONGEST_PAUSE);
    last().told.accept("gone");

    assertThat(pauses).containsExactly(50L, 100L, 50L);
  }

  @Test
  void whoWaitsWhenItEndsIsToldAtOnce() {
    FakeLine line = connected();
    Future<Taken> first = taken();
    Future<Taken> second = taken();

    line.asked.remove().fail("connection closed"); // before the end is told, as the client does

    assertThat(List.of(first, second)).allMatch(Future::failed);
    assertThat(line.closed).isTrue();
    assertThat(standing.unanswered()).containsEntry("away", 2L).containsEntry("error", 0L);
  }

  @Test
  void anErrorIsOfOneRequestOnly() {
    FakeLine line = connected();
    Future<Taken> first = taken();
    Future<Taken> second = taken();

    line.asked.remove().fail(new RedisLine.Refused("WRONGTYPE another kind of value"));
    line.asked.remove().complete(PASSES);

    assertThat(first.failed()).isTrue();
    assertThat(second.result()).isEqualTo(PASSES);
    assertThat(standing.all()).isTrue();
    assertThat(standing.unanswered()).containsEntry("away", 0L).containsEntry("error", 1L);
  }

  @Test
  void aReplicaIsLeft() {
    FakeLine line = connected();
    taken();

    line.asked.remove().fail(new RedisLine.Refused("READONLY you cannot write against a replica"));

    assertThat(line.closed).isTrue();
    assertThat(standing.all()).isFalse();
  }

  @Test
  void standingThatChangesOftenIsToldOnceAMinute() {
    try (LogLines log = new LogLines(LinkStanding.class)) {
      FakeLine line = connected();
      for (int i = 0; i < 100; i++) {
        taken();
        time.turn(PATIENCE);
        line.asked.remove().complete(PASSES);
        line.probes.remove().complete(PASSES);
      }

      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(0)).contains("no answer within 10 ms");
      assertThat(log.lines().get(1)).contains("answers again");
      assertThat(standing.unanswered()).containsEntry("late", 100L);
    }
  }

  @Test
  void nothingIsLeftOfOneThatIsClosed() {
    FakeLine line = silent();

    link.close();

    assertThat(line.closed).isTrue();
    assertThat(time.pending()).isZero();
    assertThat(taken().failed()).isTrue();
  }
}
