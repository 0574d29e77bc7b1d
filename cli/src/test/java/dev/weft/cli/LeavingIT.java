package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gateway's process is told to go, is killed, comes back: what its callers notice. */
@Timeout(240)
final class LeavingIT extends ProcessFixture {

  private static final int PER_SECOND = Figures.length(100, 350);
  private static final int SLOW_MILLIS = 3000;
  private static final int SLOW_OF = 20; // one of so many calls is slow

  private Path output;

  @BeforeEach
  void mesh() throws Exception {
    shop(this::answer);
    output = Files.createDirectory(folder.resolve("output"));
  }

  private void answer(HttpServerRequest request) {
    if (request.path().equals("/slow")) {
      vertx.setTimer(SLOW_MILLIS, later -> request.response().end("slow"));
    } else {
      request.response().end("quick");
    }
  }

  @Test
  void whoLeavesRefusesNobodyAndFinishesWhatIsUnderWay() throws Exception {
    try (LaunchedGateway leaving = LaunchedGateway.start(output, config);
        LaunchedGateway staying = LaunchedGateway.start(output, config)) {
      leaving.process().says("ready");
      staying.process().says("ready");
      AtomicInteger balanced = new AtomicInteger(leaving.port); // a load balancer's choice
      Duration most = Duration.ofSeconds(Figures.length(60, 120));
      LoadRun run = LoadRun.start(vertx, Load.of(0, PER_SECOND, most, calls(balanced)));
      reaches(run, Figures.length(500, 7000));

      long told = System.nanoTime();
      leaving.process().terminate();
      String ready = leaving.admin("/ready");
      for (int i = 0; i < 1000 && ready.startsWith("200"); i++) {
        ready = leaving.admin("/ready");
      }
      Duration unready = Duration.ofNanos(System.nanoTime() - told);
      String late = RawHttp.exchange(leaving.port, "GET /late HTTP/1.1\r\nhost: shop.test\r\n\r\n");
      balanced.set(staying.port);
      Run gone = leaving.process().ended(30);
      Duration took = Duration.ofNanos(System.nanoTime() - told);
      reaches(run, Figures.length(1500, 14_000));
      LoadReport report = await(run.stop());

      Figures.tell(
          "leaving: %s; not ready after %d ms, gone after %d ms"
              .formatted(report, unready.toMillis(), took.toMillis()));
      assertThat(ready).startsWith("503").contains("it is draining");
      assertThat(late).as("still taken").startsWith("HTTP/1.1 200 ").containsIgnoringCase("close");
      assertThat(gone.code()).isZero();
      assertThat(report.failures()).isEmpty();
      assertThat(report.good()).isGreaterThanOrEqualTo(Figures.length(1500, 14_000));
    }
  }

  @Test
  void whoIsKilledLosesWhatWasUnderWayAndComesBackWithoutItsFolder() throws Exception {
    String state = folder.resolve("state").toString();
    try (LaunchedGateway killed = LaunchedGateway.start(output, config, "--state-dir", state);
        LaunchedGateway other = LaunchedGateway.start(output, config)) {
      killed.process().says("ready");
      other.process().says("ready");
      Duration most = Duration.ofSeconds(60);
      LoadRun there =
          LoadRun.start(vertx, Load.of(killed.port, PER_SECOND / 2, most, calls("/slow")));
      LoadRun here =
          LoadRun.start(vertx, Load.of(other.port, PER_SECOND / 2, most, calls("/slow")));
      reaches(there, 200);
      reaches(here, 200);

      Future<LoadReport> ended = there.stop();
      long atMost = (long) there.underWay() + PER_SECOND; // of which the last may not have begun
      killed.process().kill();
      LoadReport lost = await(ended);
      reaches(here, here.good() + 200);
      LoadReport untouched = await(here.stop());
      Files.move(config, folder.resolve("away"));
      String answer;
      try (LaunchedGateway back = LaunchedGateway.start(output, config, "--state-dir", state)) {
        back.process().says("ready");
        answer = get(back.port);
        back.process().says("the last good configuration serves until"); // perhaps after "ready"
      }

      Figures.tell(
          "killed: lost %d of %d; beside it %s".formatted(lost.failed(), atMost, untouched));
      assertThat(untouched.failures()).isEmpty();
      assertThat(lost.failed()).isBetween(1L, atMost);
      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("quick");
    }
  }

  @Test
  void aRestartOnABrokenFolderServesWhatWasGood() throws Exception {
    String state = folder.resolve("state").toString();
    try (LaunchedGateway first = LaunchedGateway.start(output, config, "--state-dir", state)) {
      first.process().says("ready");
      assertThat(get(first.port)).startsWith("HTTP/1.1 200 ");
      for (int i = 0; i < 500 && !Files.exists(Path.of(state, "units.json")); i++) {
        await(vertx.timer(20, TimeUnit.MILLISECONDS));
      }
    }
    Files.writeString(config.resolve("shop.yaml"), "kind: [");

    try (LaunchedGateway back = LaunchedGateway.start(output, config, "--state-dir", state)) {
      back.process().says("ready");

      assertThat(get(back.port)).startsWith("HTTP/1.1 200 ").endsWith("quick");
      assertThat(back.process().said()).contains("shop.yaml:1").contains("not applied: 1 error");
      assertThat(back.admin("/config")).contains("/shop.yaml\",\"line\":1,\"column\":8,");
    }
  }

  private static String get(int port) throws Exception {
    String request = RawHttp.lines("GET / HTTP/1.1", "host: shop.test", "connection: close", "");
    return RawHttp.exchange(port, request);
  }

  private static Calls calls(AtomicInteger balanced) {
    return number ->
        new RequestOptions()
            .setHost("shop.test")
            .setPort(balanced.get())
            .setURI(number % SLOW_OF == 0 ? "/slow" : "/");
  }

  private static Calls calls(String slow) {
    return number ->
        new RequestOptions().setHost("shop.test").setURI(number % SLOW_OF == 0 ? slow : "/");
  }

  private void reaches(LoadRun run, long good) throws Exception {
    for (int i = 0; i < 6000 && run.good() < good && !run.report().isComplete(); i++) {
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
    assertThat(run.good()).as("good answers: %s", run.report()).isGreaterThanOrEqualTo(good);
  }
}
