package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More comes than a service can do. */
@Timeout(400)
final class OverloadIT extends ProcessFixture {

  private static final int WORKERS = Figures.length(10, 30);
  private static final int WORK_MILLIS = 100;
  private static final long MORE_LIVE_KIB = 16 * 1024;
  private static final int CALMER = 20; // times three seconds
  private static final int SECONDS = Figures.length(5, 60); // of overload
  private static final double MOST_TIMES = 2; // the normal p99
  private static final int CAPACITY = WORKERS * 1000 / WORK_MILLIS; // a second

  private final Deque<HttpServerRequest> queue = new ArrayDeque<>(); // of the backend, on its loop
  private final AtomicInteger longest = new AtomicInteger();
  private int working;

  /** So many at once, each as long; the others wait. */
  private void work(HttpServerRequest request) {
    queue.add(request);
    longest.accumulateAndGet(queue.size(), Math::max);
    next();
  }

  private void next() {
    while (working < WORKERS && !queue.isEmpty()) {
      HttpServerRequest request = queue.remove();
      working++;
      vertx.setTimer(
          WORK_MILLIS,
          done -> {
            working--;
            request.response().end("done");
            next();
          });
    }
  }

  private LoadReport load(LaunchedGateway gateway, int perSecond, int seconds) throws Exception {
    longest.set(0);
    Duration lasts = Duration.ofSeconds(seconds);
    Load load = Load.of(gateway.port, perSecond, lasts, Calls.get("shop.test", "/"));
    return await(LoadRun.start(vertx, load).report(), seconds + 60L);
  }

  /**
   * Once answers take about as long as their work: what is usual is learned of nothing else. At
   * full length for as long as what it is compared with, so that other work meets both alike.
   */
  private LoadReport normal(LaunchedGateway gateway) throws Exception {
    LoadReport report = load(gateway, CAPACITY * 4 / 5, 3);
    for (int i = 0; i < CALMER && report.quantile(0.5).toMillis() > 2 * WORK_MILLIS; i++) {
      report = load(gateway, CAPACITY * 4 / 5, 3); // the machine has other work
    }
    return Figures.full() ? load(gateway, CAPACITY * 4 / 5, SECONDS) : report;
  }

  @Test
  void whatAServiceCannotDoIsShedAndTheRestIsDone() throws Exception {
    shed("{mode: adaptive}", "overloaded");
  }

  @Test
  void aLimitThatIsSaidIsHeld() throws Exception {
    shed("{mode: static, maxInFlight: %d}".formatted(WORKERS * 3 / 2), "overloaded");
  }

  private void shed(String settings, String cause) throws Exception {
    shop(this::work);
    settings("{overload: %s}".formatted(settings));
    Path log = folder.resolve("access.log");
    String[] flags = {"--access-log", log.toString()};
    try (LaunchedGateway gateway = LaunchedGateway.start(folder, config, flags)) {
      gateway.process().says("ready");
      load(gateway, CAPACITY / 2, 3);
      LoadReport normal = normal(gateway);

      LoadReport began = load(gateway, CAPACITY * 2, 3);
      Footprint before = Footprint.of(gateway.process().pid());
      LoadReport over = load(gateway, CAPACITY * 2, SECONDS);
      int queued = longest.get();
      Footprint during = Footprint.of(gateway.process().pid());
      load(gateway, CAPACITY / 2, 3); // normal within three seconds
      LoadReport after = load(gateway, CAPACITY / 2, 2);

      double goodput = (double) over.good() / (CAPACITY * SECONDS);
      double times = (double) over.quantile(0.99).toNanos() / normal.quantile(0.99).toNanos();
      Figures.tell(
          ("overload, %s: normal %s; at first %s; at twice the capacity, goodput %.2f of it, p99 %.2f"
                  + " of the normal one: %s; before %s, after %s")
              .formatted(settings, normal, began, goodput, times, over, before, during));
      assertThat(over.statuses().keySet()).isEqualTo(Set.of(200, 503));
      assertThat(over.failures().keySet()).allMatch(why -> why.contains(": status 503"));
      assertThat(goodput).as("of what it can do").isGreaterThan(Figures.length(75, 90) / 100.0);
      if (Figures.full()) { // a pause of this machine is much of a few seconds
        assertThat(times).as("p99 of the admitted").isLessThanOrEqualTo(MOST_TIMES);
      }
      assertThat(queued).as("waited at the service").isLessThan(8 * WORKERS);
      assertThat(during.liveKib()).isLessThanOrEqualTo(before.liveKib() + MORE_LIVE_KIB);
      assertThat(after.failures()).isEmpty();
      assertThat(Files.readString(log)).contains("\"cause\":\"" + cause + "\"");
    }
  }
}
