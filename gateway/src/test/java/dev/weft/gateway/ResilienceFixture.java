package dev.weft.gateway;

import dev.weft.testkit.fault.FaultBackend;
import dev.weft.testkit.fault.Ledger;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.Calls;
import dev.weft.testkit.load.Figures;
import dev.weft.testkit.load.Load;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.load.Tally;
import dev.weft.testkit.load.Way;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/**
 * Two misbehaving backends behind a gateway. {@code ./load-tests/resilience} makes runs longer and
 * tells what they reached.
 */
abstract class ResilienceFixture extends GatewayFixture {

  static final int SCALE = Figures.length(1, 10);

  /** Both keep it. */
  final Ledger ledger = new Ledger();

  final FaultBackend good = new FaultBackend(0, ledger);
  final FaultBackend bad = new FaultBackend(0, ledger);

  @AfterEach
  void closed() {
    good.close();
    bad.close();
  }

  static String policy(String trafficPolicy) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: policy}
    spec:
      host: backend.test
      trafficPolicy: {%s}
    """
        .formatted(trafficPolicy);
  }

  static String speaks(HttpVersion version) {
    String policy = version == HttpVersion.HTTP_2 ? "UPGRADE" : "DO_NOT_UPGRADE";
    return "connectionPool: {http: {h2UpgradePolicy: %s}}".formatted(policy);
  }

  static String to(String clauses) {
    return rules("{" + clauses + "route: [{destination: {host: backend.test}}]}");
  }

  Callers callers(HttpVersion version) {
    Way way = version == HttpVersion.HTTP_2 ? Way.http2() : Way.kept();
    return kept(new Callers(vertx, way, port, "shop.test"));
  }

  /** Sends them, so many at a time, as long as it takes. */
  Tally tally(HttpVersion version, Asked asked, int requests, int atATime) throws Exception {
    return patiently(callers(version).send(asked, requests, atATime));
  }

  /** An open loop of GETs, each with an id of its own. */
  LoadRun load(int perSecond, Duration lasts) {
    String run = Long.toHexString(System.nanoTime());
    Calls calls =
        number ->
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("shop.test")
                .setURI("/")
                .putHeader(Ledger.ID, run + "-" + number);
    return LoadRun.start(vertx, Load.of(port, perSecond, lasts, calls).over(Way.kept()));
  }

  LoadReport run(int perSecond, Duration lasts) throws Exception {
    return patiently(load(perSecond, lasts).report());
  }

  static <T> T patiently(Future<T> future) throws Exception {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(60L + 60L * SCALE, TimeUnit.SECONDS);
  }

  /** Waits until something is seen, within the usual patience. */
  boolean seen(BooleanSupplier what) throws Exception {
    return seen(what, Duration.ofSeconds(PATIENCE_SECONDS));
  }

  /** As the other, with another patience. */
  boolean seen(BooleanSupplier what, Duration patience) throws Exception {
    long end = System.nanoTime() + patience.toNanos();
    while (!what.getAsBoolean() && System.nanoTime() < end) {
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
    }
    return what.getAsBoolean();
  }

  /** Tells a figure, without its examples. */
  void figure(String told) {
    Figures.tell(getClass().getSimpleName() + ": " + told.replaceAll("\n  Sent\\[[^]]*]", ""));
  }
}
