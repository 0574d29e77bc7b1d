package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.fault.FaultBackend;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.load.Way;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults, edits and callers that vanish, all mixed: nothing is left behind. */
@Timeout(600)
final class LeaksIT extends ProcessFixture {

  private static final int ROUNDS = 4;
  private static final int SECONDS = Figures.length(2, 75); // of a round
  private static final long MORE_LIVE_KIB = 4 * 1024;
  private static final List<Fault> FAULTS =
      List.of(
          Fault.none(),
          Fault.none(),
          Fault.none(),
          Fault.status(503),
          Fault.reset(),
          Fault.close(),
          Fault.resetAtHead(),
          Fault.resetAfterBytes(),
          Fault.truncated(),
          Fault.truncatedChunks(),
          Fault.tooShort(),
          Fault.garbage(),
          Fault.hangAfterHead(),
          Fault.closeAfter(),
          Fault.refusedStream(),
          Fault.goAway());

  private final SplittableRandom random = new SplittableRandom(5);

  private void edit(int number, int first, int second) throws IOException {
    write(
        "shop.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          http:
          - timeout: 1s
            retries: {attempts: 2, retryOn: "5xx,reset"}
            mirror: {host: backend.test, subset: v2}
            mirrorPercentage: {value: 10}
            headers: {response: {set: {x-edit: "%d"}}}
            route:
            - {destination: {host: backend.test, subset: v1}, weight: %d}
            - {destination: {host: backend.test, subset: v2}, weight: %d}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        spec:
          host: backend.test
          trafficPolicy:
            connectionPool: {http: {maxRequestsPerConnection: %d, h2UpgradePolicy: %s}}
          subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: backend}
        spec:
          hosts: [backend.test]
          resolution: STATIC
          ports: [{number: 80, name: http}]
          endpoints:
          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v1}}
          - {address: 127.0.0.1, ports: {http: %d}, labels: {version: v2}}
        """
            .formatted(
                number,
                number % 101,
                100 - number % 101,
                10 + number % 7,
                h2(number),
                first,
                second));
  }

  /** To the service over HTTP/1.1 for a second, then, at full length, over HTTP/2. */
  private static String h2(int number) {
    return Figures.full() && number / 20 % 2 == 1 ? "UPGRADE" : "DO_NOT_UPGRADE";
  }

  /** A part of the calls has a body; any answer will do, since the service is out of order. */
  private static Calls calls() {
    return new Calls() {
      @Override
      public RequestOptions request(long number) {
        HttpMethod method = number % 3 == 0 ? HttpMethod.POST : HttpMethod.GET;
        return new RequestOptions().setHost("shop.test").setURI("/" + number).setMethod(method);
      }

      @Override
      public Buffer body(long number) {
        return number % 3 == 0
            ? Buffer.buffer(new byte[(int) (number % 9) * 1000])
            : Buffer.buffer();
      }

      @Override
      public Optional<String> fault(long number, Answer answer) {
        return Optional.empty();
      }
    };
  }

  /** Asks and goes, in the middle of its request or before the answer. */
  private void vanish(int port) throws IOException {
    String whole = RawHttp.lines("POST /gone HTTP/1.1", "host: shop.test", "content-length: 9", "");
    try (RawHttp caller = new RawHttp(port)) {
      caller.send((whole + "123456789").substring(0, random.nextInt(1, whole.length() + 9)));
      if (random.nextBoolean()) {
        caller.socket().setSoLinger(true, 0); // a reset, not an end
      }
    }
  }

  private Footprint round(LaunchedGateway gateway, int round, int first, int second)
      throws Exception {
    Load load =
        new Load(
            gateway.port,
            Figures.length(80, 150),
            Duration.ofSeconds(SECONDS),
            Duration.ofSeconds(10),
            List.of(Way.kept(), Way.fresh(), Way.http2()),
            calls());
    LoadRun run = LoadRun.start(vertx, load);
    for (int i = 0; !run.report().isComplete() && i < SECONDS * 20; i++) {
      edit(round * SECONDS * 20 + i, first, second);
      for (int j = 0; j < 3; j++) {
        vanish(gateway.port);
      }
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
    LoadReport report = await(run.report());
    assertThat(report.good()).as("answers: %s", report).isGreaterThan(report.sent() / 4);
    return quiet(gateway);
  }

  /** What is left once nothing is under way any more. */
  private Footprint quiet(LaunchedGateway gateway) throws Exception {
    for (int i = 0; i < 200 && !idle(gateway.admin("/metrics")); i++) {
      await(vertx.timer(50, TimeUnit.MILLISECONDS));
    }
    return Footprint.of(gateway.process().pid());
  }

  private static boolean idle(String metrics) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("weft_upstream_in_flight{"))
        .allMatch(line -> line.endsWith(" 0.0") || line.endsWith(" 0"));
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    Map<String, String> paranoid =
        Map.of("WEFT_JAVA_OPTS", "-Dio.netty.leakDetection.level=paranoid");
    try (FaultBackend first = new FaultBackend();
        FaultBackend second = new FaultBackend()) {
      edit(0, first.port(), second.port());
      first.answers(request -> FAULTS.get(random.nextInt(FAULTS.size())));
      second.answers(request -> FAULTS.get(random.nextInt(FAULTS.size())));
      try (LaunchedGateway gateway = LaunchedGateway.start(folder, config, paranoid)) {
        gateway.process().says("ready");
        round(gateway, 0, first.port(), second.port()); // what is made once
        Footprint before = round(gateway, 1, first.port(), second.port());
        Footprint after = before;
        for (int i = 2; i < ROUNDS; i++) {
          after = round(gateway, i, first.port(), second.port());
        }

        Figures.tell("leaks: before %s, after %s".formatted(before, after));
        assertThat(after.liveKib()).isLessThanOrEqualTo(before.liveKib() + MORE_LIVE_KIB);
        assertThat(after.files()).isLessThanOrEqualTo(before.files() + 30);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 2);
        assertThat(gateway.process().said()).doesNotContain("LEAK").doesNotContain("\tat ");
      }
    }
  }
}
