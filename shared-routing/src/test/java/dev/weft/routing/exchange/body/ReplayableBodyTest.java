package dev.weft.routing.exchange.body;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.RequestBody.Beginning;
import dev.weft.routing.exchange.body.Buffered.Room;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A body whose attempt takes some of it, fails to write it, or is in no hurry. */
final class ReplayableBodyTest {

  private final Deque<Promise<Void>> writes = new ArrayDeque<>();
  private final Caller caller = new Caller();
  private final Attempt attempt = new Attempt();
  private final ReplayableBody body =
      new ReplayableBody(caller, OptionalLong.empty(), 1 << 10, () -> {}, () -> {});

  @Test
  void aWriteThatFailsAfterTheEndIsTold() {
    Future<Void> sent = body.sendTo(attempt);
    caller.says("some");
    caller.ends();

    writes.remove().fail(new IOException("the stream was reset"));

    assertThat(sent.failed()).isTrue();
    assertThat(sent.cause()).hasMessage("the stream was reset");
  }

  @Test
  void anAttemptThatTakesMoreAfterTheCallerBrokeOffIsNoFault() {
    Future<Void> sent = body.sendTo(attempt);
    attempt.full = true;
    caller.says("some");
    caller.breaks();

    attempt.drained.handle(null);

    assertThat(sent.failed()).isTrue();
  }

  @Test
  void whoeverWatchesSeesEachPieceOnceHoweverManyAttemptsGetIt() {
    List<String> seen = new ArrayList<>();
    body.watch(piece -> seen.add(piece.toString()));
    body.sendTo(attempt);
    caller.says("some");
    Attempt further = new Attempt();

    body.sendTo(further);
    caller.says("more");

    assertThat(writes).as("some, some again, more").hasSize(3);
    assertThat(seen).containsExactly("some", "more");
  }

  @Test
  void aFrameWithoutAByteIsNotSentOn() {
    body.sendTo(attempt);

    caller.says("");

    assertThat(writes).isEmpty();
  }

  @Test
  void littlePiecesAreKeptTogetherAndComeAgainAsTheyWere() {
    StringBuilder all = new StringBuilder();
    body.beginning(9000);
    for (int i = 0; i < 9001; i++) {
      String piece = Character.toString('a' + i % 26);
      all.append(piece);
      caller.says(piece);
    }

    body.sendTo(attempt);

    assertThat(attempt.buffers).hasSizeLessThan(20);
    assertThat(String.join("", attempt.texts())).isEqualTo(all.toString());
  }

  @Test
  void whatAnAttemptWasGivenGrowsNoMore() {
    body.sendTo(attempt);
    for (int i = 0; i < 20; i++) {
      caller.says("x");
    }
    body.sendTo(attempt); // which has the last kept piece now
    String before = String.join("", attempt.texts());

    caller.says("y");

    assertThat(String.join("", attempt.texts())).isEqualTo(before + "y");
  }

  @Test
  void itsBeginningIsShownAndComesAgainWhateverTheLimit() {
    Future<Beginning> beginning = body.beginning(2000);
    caller.says("a".repeat(1500));
    assertThat(beginning.isComplete()).isFalse();
    assertThat(body.awaited()).isTrue();
    caller.says("b".repeat(1500));

    assertThat(beginning.result().bytes().length()).isEqualTo(3000);
    assertThat(beginning.result().whole()).isFalse();
    assertThat(caller.paused).isTrue();
    assertThat(body.awaited()).as("it is not the caller who is waited for").isFalse();

    body.sendTo(attempt);
    assertThat(writes).as("both pieces").hasSize(2);
    assertThat(caller.paused).isFalse();
    caller.says("c");
    assertThat(body.replayable()).as("more came than is kept").isFalse();
    assertThat(writes).hasSize(3);
  }

  @Test
  void aBodyThatEndsBeforeIsShownWholeAndCanBeHadAgain() {
    Future<Beginning> beginning = body.beginning(2000);
    caller.says("some");
    caller.ends();

    assertThat(beginning.result().whole()).isTrue();
    assertThat(beginning.result().bytes()).hasToString("some");
    body.sendTo(attempt);
    body.sendTo(attempt);
    assertThat(writes).as("twice a piece and an end").hasSize(4);
  }

  @Test
  void whoGoesAwayBeforeItIsShownIsTold() {
    Future<Beginning> beginning = body.beginning(2000);
    caller.says("some");
    caller.breaks();

    assertThat(beginning.cause()).hasMessage("the caller went away: reset");
    assertThat(body.beginning(1).failed()).isTrue();
  }

  @Test
  void whereMemoryIsScarceNothingMuchIsKeptToBeShown() {
    Room room = new Room(10_000);
    ReplayableBody small = in(room);
    Future<Beginning> shown = small.beginning(4000);
    caller.says("a".repeat(4001));
    assertThat(shown.result().bytes().length()).isEqualTo(4001);
    Room full = new Room(-1);
    ReplayableBody large = in(full);
    Future<Beginning> beginning = large.beginning(1 << 16);

    caller.says("a".repeat(5000));

    assertThat(beginning.cause()).hasMessageStartingWith("memory is too scarce");
    assertThat(large.sendTo(attempt).failed()).as("a piece of it is gone").isTrue();
    assertThat(full.taken()).isZero();
  }

  private ReplayableBody in(Room room) {
    return new ReplayableBody(
        caller, OptionalLong.empty(), 1 << 16, () -> {}, () -> {}, new Buffered(room));
  }

  @Test
  void whatWaitsAndWhatIsKeptIsCountedUntilItIsNotAnyMore() {
    Room room = new Room(1 << 20);
    ReplayableBody large = in(room);
    large.sendTo(attempt);

    caller.says("a".repeat(5000));
    assertThat(room.taken()).as("written, and kept").isEqualTo(10_000);
    writes.remove().complete();
    assertThat(room.taken()).isEqualTo(5000);
    assertThat(large.replayable()).isTrue();
    large.forget();

    assertThat(room.taken()).isZero();
    assertThat(large.replayable()).isFalse();
  }

  @Test
  void whoseCallerBreaksOffIsKeptNoLonger() {
    Room room = new Room(1 << 20);
    in(room).sendTo(attempt);
    caller.says("a".repeat(5000));
    writes.remove().fail(new IOException("closed"));

    caller.breaks();

    assertThat(room.taken()).isZero();
  }

  @Test
  void smallBodiesAreNotCountedAndAlwaysKept() {
    Room room = new Room(-1);
    ReplayableBody small = in(room);
    small.sendTo(attempt);

    caller.says("a".repeat(4096));

    assertThat(room.taken()).isZero();
    assertThat(small.replayable()).isTrue();
  }

  @Test
  void whereMemoryIsScarceItGoesOnPieceByPieceAndKeepsNothingLarge() {
    ReplayableBody large = in(new Room(-1));
    large.sendTo(attempt);

    caller.says("a".repeat(5000));
    assertThat(caller.paused).isTrue();
    assertThat(large.awaited()).as("for the caller to send").isFalse();
    assertThat(large.replayable()).isFalse();
    writes.remove().complete();

    assertThat(caller.paused).isFalse();
    assertThat(large.awaited()).isTrue();
  }

  /** As Vert.x' request of HTTP/2: whoever pauses or resumes one that ended is at fault. */
  private static final class Caller implements ReadStream<Buffer> {
    private Handler<Buffer> handler = buffer -> {};
    private Handler<Void> endHandler = end -> {};
    private Handler<Throwable> exceptionHandler = broken -> {};
    private boolean ended;
    private boolean paused;

    void says(String text) {
      handler.handle(Buffer.buffer(text));
    }

    void ends() {
      ended = true;
      endHandler.handle(null);
    }

    void breaks() {
      ended = true;
      exceptionHandler.handle(new IOException("reset"));
    }

    private void check() {
      if (ended) {
        throw new IllegalStateException("Request has already been read");
      }
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> wanted) {
      exceptionHandler = wanted;
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> wanted) {
      handler = wanted;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      check();
      paused = true;
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      check();
      paused = false;
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> wanted) {
      endHandler = wanted;
      return this;
    }
  }

  /** Takes what it is given, and does not say yet how that went. */
  private final class Attempt implements WriteStream<Buffer> {
    private final List<Buffer> buffers = new ArrayList<>();
    private Handler<Void> drained = again -> {};
    private boolean full;

    List<String> texts() {
      return buffers.stream().map(Buffer::toString).toList();
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> wanted) {
      return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
      Promise<Void> written = Promise.promise();
      buffers.add(data);
      writes.add(written);
      return written.future();
    }

    @Override
    public Future<Void> end() {
      Promise<Void> written = Promise.promise();
      writes.add(written);
      return written.future();
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return full;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> wanted) {
      drained = wanted;
      return this;
    }
  }
}
