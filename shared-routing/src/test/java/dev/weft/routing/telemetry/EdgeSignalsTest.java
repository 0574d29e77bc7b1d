package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.weft.routing.telemetry.EdgeSignals.Tally;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EdgeSignalsTest {

  private static final int OK = Outcome.http(200, Optional.empty());
  private static final int EACH = 400_000;

  @Test
  void whatLoopsCountAddsUpExactlyWhileItIsRead() throws Exception {
    EdgeSignals edge = new EdgeSignals(Samples.gatewayToSearch("v1"), new EdgeSignals.Totals(2), 0);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(3);

    Future<Long> scrapes = threads.submit(() -> readUntil(done, edge));
    List<Future<?>> writers = new ArrayList<>();
    for (int loop = 0; loop < 2; loop++) {
      writers.add(threads.submit(writer(edge, loop)));
    }
    for (Future<?> writer : writers) {
      writer.get(30, TimeUnit.SECONDS);
    }
    done.set(true);

    assertThat(scrapes.get(30, TimeUnit.SECONDS)).isPositive();
    threads.shutdown();
    assertThat(edge.merged()).hasSize(50);
    assertThat(edge.merged().values().stream().mapToLong(each -> each.durationMillis().count()))
        .containsOnly(2L * EACH / 50);
    Tally ok = edge.merged().get(OK);
    assertThat(ok.durationMillis().sum()).isEqualTo(2.0 * EACH / 50 * 3);
    assertThat(ok.requestBytes().sum()).isEqualTo(2.0 * EACH / 50 * 10);
    assertThat(ok.responseBytes().sum()).isEqualTo(2.0 * EACH / 50 * 2000);
    assertThat(ok.responseBytes().counts()[Histogram.bucketOfBytes(2000)])
        .isEqualTo(2L * EACH / 50);
  }

  @Test
  void countingAllocatesNothing() {
    EdgeSignals edge = new EdgeSignals(Samples.gatewayToSearch("v1"), new EdgeSignals.Totals(1), 0);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    count(edge, 20_000); // compiled by then
    long thread = Thread.currentThread().getId();

    long before = threads.getThreadAllocatedBytes(thread);
    count(edge, 20_000);
    long allocated = threads.getThreadAllocatedBytes(thread) - before;

    assertThat(allocated).isLessThan(20_000); // less than a byte for each request
  }

  @Test
  void endlesslyManyOutcomesBecomeFew() {
    EdgeSignals.Totals totals = new EdgeSignals.Totals(1);
    EdgeSignals edge = new EdgeSignals(Samples.gatewayToSearch("v1"), totals, 0);

    for (int status = 100; status < 1000; status++) {
      edge.record(0, Outcome.http(status, Optional.empty()), 1, 0, 0);
    }

    assertThat(edge.merged()).hasSizeLessThan(EdgeSignals.MOST_OUTCOMES + 20);
    assertThat(
            edge.merged().values().stream().mapToLong(each -> each.durationMillis().count()).sum())
        .isEqualTo(900);
    assertThat(totals.overflowed())
        .as("those that have no series of their own")
        .isEqualTo(900 - EdgeSignals.MOST_OUTCOMES - 7); // 300, 400 … 900 stand for themselves
  }

  @Test
  void messagesOfAnOutcomeThatIsToldByItsHundredAreNotLost() {
    EdgeSignals edge = new EdgeSignals(Samples.gatewayToSearch("v1"), new EdgeSignals.Totals(1), 0);

    for (int status = 100; status < 1000; status++) {
      int outcome = Outcome.grpc(status, Optional.empty(), OptionalInt.empty());
      edge.record(0, outcome, 1, 0, 0);
      edge.messages(0, outcome, new Messages(2, 3));
    }

    assertThat(edge.merged().values().stream().mapToLong(each -> each.messages().requests()).sum())
        .isEqualTo(900 * 2);
    assertThat(edge.merged().values().stream().mapToLong(each -> each.messages().responses()).sum())
        .isEqualTo(900 * 3);
  }

  private static Callable<Void> writer(EdgeSignals edge, int loop) {
    return () -> {
      for (int i = 0; i < EACH; i++) {
        edge.record(loop, Outcome.http(200 + i % 50, Optional.empty()), 3_000_000, 10, 2000);
      }
      return null;
    };
  }

  private static long readUntil(AtomicBoolean done, EdgeSignals edge) {
    long scrapes = 0;
    long last = 0;
    while (!done.get()) {
      long now =
          edge.merged().values().stream().mapToLong(each -> each.durationMillis().count()).sum();
      assertThat(now).isGreaterThanOrEqualTo(last);
      last = now;
      scrapes++;
    }
    return scrapes;
  }

  private static void count(EdgeSignals edge, int times) {
    for (int i = 0; i < times; i++) {
      edge.record(0, OK, i, i, i);
    }
  }
}
