package dev.weft.routing.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.MeshSignals.Limits;
import dev.weft.routing.telemetry.RequestSignals.Noted;
import dev.weft.routing.telemetry.Tap.Filter;
import io.vertx.core.MultiMap;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the thread of the access log is woken: a wake that is lost is a line that is late. */
@Timeout(30)
final class AccessLogThreadTest {

  private final HandTicker ticker = new HandTicker();

  @Test
  void whatManyThreadsOfferIsWrittenOrCounted() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AccessLog log = AccessLog.start(() -> out, 512);
    AccessLine.Entry entry = entry();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int each = 0; each < 5_000; each++) {
                  log.offer(entry);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    log.close();

    long written = out.toString(StandardCharsets.US_ASCII).lines().count();
    assertThat(written + log.dropped()).isEqualTo(20_000);
  }

  @Test
  void eachIsWrittenThoughNoOtherFollows() throws Exception {
    AccessLog log = AccessLog.start(OutputStream::nullOutputStream, 1024);

    for (int i = 1; i <= 30; i++) {
      log.offer(entry());
      while (log.last().size() < i) { // ends with the test's time
        Thread.onSpinWait();
      }
    }

    log.close();
    assertThat(log.last()).hasSize(30);
  }

  /** As {@code weft why} does with the id that a line tells. */
  @Test
  void whoReadsALineFindsItsEntry() throws Exception {
    List<Integer> found = new CopyOnWriteArrayList<>();
    AtomicReference<AccessLog> log = new AtomicReference<>();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int one) {
            found.add(log.get().last().size());
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            write(0);
          }
        };
    log.set(AccessLog.start(() -> out, 16));

    log.get().offer(entry());
    log.get().close();

    assertThat(found).containsExactly(1);
  }

  private AccessLine.Entry entry() {
    Tap tap = new Tap();
    List<AccessLine.Entry> caught = new ArrayList<>();
    tap.watch(Filter.ALL, caught::add);
    EdgeSignals edge =
        new MeshSignals(1, Limits.DEFAULT, ticker).edge(Samples.gatewayToSearch("v1"));
    new RequestSignals(Optional.empty(), tap, Noted.DEFAULT)
        .observer((on, reached) -> edge, "v1")
        .ended(
            Samples.exchange("/", MultiMap.caseInsensitiveMultiMap(), ticker),
            new Ending(200, Optional.empty(), OptionalInt.empty(), 1, 2));
    return caught.get(0);
  }
}
