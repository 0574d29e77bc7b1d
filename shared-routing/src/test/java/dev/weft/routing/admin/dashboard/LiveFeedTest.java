package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.admin.dashboard.LiveState.Look;
import dev.weft.routing.admin.dashboard.SignalWindow.Since;
import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

final class LiveFeedTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final HandTimers timers = new HandTimers();
  private final Deque<Runnable> work = new ArrayDeque<>(); // of a worker that is turned by hand
  private final LiveFeed feed =
      new LiveFeed(
          timers,
          new LiveFeed.Worker() {
            @Override
            public <T> Future<T> run(Callable<T> job) {
              Promise<T> done = Promise.promise();
              work.add(
                  () -> {
                    try {
                      done.complete(job.call());
                    } catch (Exception e) {
                      done.fail(e);
                    }
                  });
              return done.future();
            }
          },
          this::look);
  private int looks;
  private boolean broken;

  private Look look() {
    if (broken) {
      throw new IllegalStateException("no counts");
    }
    looks++;
    long[] counts = new long[Histogram.BUCKETS];
    counts[3] = looks;
    Map<EdgeLabels, Golden> golden =
        Map.of(Samples.gatewayToSearch("v1"), new Golden(0, 0, Histogram.of(counts, 0)));
    return new Look(1_000L * looks, new Since<>(10, golden), Map.of());
  }

  /** What a reader was told, each event by its name and the count of its edge. */
  private static List<String> told(List<Buffer> written) {
    return written.stream()
        .map(Buffer::toString)
        .map(
            text ->
                text.replaceAll(
                    "(?s)^id: (\\S+)\nevent: (\\w+)\n.*\\[3,(\\d+)\\].*", "$2 $3 of $1"))
        .toList();
  }

  private List<Buffer> reading(boolean[] full) {
    List<Buffer> written = new ArrayList<>();
    HttpServerResponse response =
        (HttpServerResponse)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {HttpServerResponse.class},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "write" -> {
                        written.add((Buffer) arguments[0]);
                        yield Future.succeededFuture();
                      }
                      case "closed" -> false;
                      case "writeQueueFull" -> full[0];
                      default -> self;
                    });
    feed.read(response, "");
    return written;
  }

  private List<Buffer> reading() {
    return reading(new boolean[1]);
  }

  private void worked() {
    work.remove().run();
  }

  @Test
  void nothingIsLookedAtOrWrittenWhereReadersAreServed() {
    List<Buffer> written = reading();

    assertThat(looks).isZero();
    assertThat(written).isEmpty();
    worked();
    assertThat(told(written)).containsExactly("snapshot 1 of 1000-1");
  }

  @Test
  void oneLookIsUnderWayAtATimeAndTheNextIsASecondLater() {
    reading();
    timers.turn(SECOND.multipliedBy(5));
    assertThat(work).as("the first takes long").hasSize(1);

    worked();
    assertThat(work).isEmpty();
    timers.turn(SECOND);

    assertThat(work).hasSize(1);
  }

  @Test
  void whoComesDuringALookIsToldOfTheOneBeforeAndThenOfWhatChanges() {
    List<Buffer> first = reading();
    worked();
    timers.turn(SECOND);
    List<Buffer> second = reading();
    assertThat(work).as("the look alone").hasSize(1);

    worked();
    timers.turn(SECOND);
    worked();

    assertThat(told(first))
        .containsExactly("snapshot 1 of 1000-1", "delta 2 of 1000-2", "delta 3 of 1000-3");
    assertThat(told(second)).isEqualTo(told(first));
  }

  @Test
  void aSnapshotThatIsWrittenWhenTheSecondIsOverComesBeforeTheNextLook() {
    reading();
    worked();
    timers.turn(SECOND);
    worked();
    List<Buffer> late = reading();
    List<Buffer> later = reading();
    assertThat(work).as("once for both").hasSize(1);
    timers.turn(SECOND);
    assertThat(work).as("in turn").hasSize(1);

    worked();
    worked();

    assertThat(told(late)).containsExactly("snapshot 2 of 1000-2", "delta 3 of 1000-3");
    assertThat(told(later)).isEqualTo(told(late));
  }

  @Test
  void whoFellBehindIsToldEverything() {
    boolean[] full = new boolean[1];
    List<Buffer> slow = reading(full);
    worked();
    full[0] = true;
    timers.turn(SECOND);
    worked();
    full[0] = false;
    timers.turn(SECOND);
    worked();

    assertThat(told(slow)).containsExactly("snapshot 1 of 1000-1", "snapshot 3 of 1000-3");
  }

  @Test
  void aLookThatFailsIsTakenAgain() {
    List<Buffer> written = reading();
    broken = true;
    worked();
    broken = false;
    timers.turn(SECOND);
    worked();

    assertThat(told(written)).containsExactly("snapshot 1 of 1000-1");
  }
}
