package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.fault.Blackhole;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.fault.FaultBackend;
import dev.weft.testkit.fault.FaultProcess;
import dev.weft.testkit.fault.Received;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Callers;
import dev.weft.testkit.load.LoadReport;
import dev.weft.testkit.load.LoadRun;
import dev.weft.testkit.load.Sent;
import dev.weft.testkit.load.Tally;
import io.vertx.core.Future;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One of two backends fails, or both do: what can be saved is, and the rest says what it was. */
final class FailingBackendsIT extends ResilienceFixture {

  private static final int REQUESTS = 40 * SCALE;
  private static final int ROUND = 60 * Math.max(4, SCALE); // half of it: no retry lasts as long
  private static final Duration TIMEOUT = Duration.ofSeconds(4);
  private static final List<Fault> CUTS =
      List.of(
          Fault.resetAfterBytes(),
          Fault.truncated(),
          Fault.truncatedChunks(),
          Fault.tooShort(),
          Fault.hangAfterHead(),
          Fault.drip(Duration.ofMillis(300)));
  private static final String RETRIES =
      "timeout: 4s, retries: {attempts: 2, perTryTimeout: 300ms, retryOn: '5xx,reset'}, ";
  private static final String PATIENT = RETRIES.replace("4s", "8s").replace("300ms", "1s");

  /** At reduced length each fault over one of the protocols, in turn. */
  static Stream<Arguments> faults() {
    AtomicInteger turn = new AtomicInteger();
    return before()
        .flatMap(
            fault ->
                Stream.of(HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)
                    .skip(SCALE == 1 ? turn.getAndIncrement() % 2 : 0)
                    .limit(SCALE == 1 ? 1 : 2)
                    .map(version -> Arguments.of(fault, version)));
  }

  /** What fails before a byte of an answer was given on. */
  private static Stream<Fault> before() {
    return Stream.of(
        Fault.reset(),
        Fault.resetAtHead(),
        Fault.garbage(),
        Fault.refusedStream(),
        Fault.hang(),
        Fault.goAway(),
        Fault.status(503),
        Fault.noLength(),
        Fault.close(),
        Fault.slow(503, Duration.ofMillis(50)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("faults")
  void oneBadOfTwoCostsNoGetAndDoublesNoPostAndBothBadSayWhy(Fault fault, HttpVersion version)
      throws Exception {
    bad.answers(fault);
    gateway(to(RETRIES), entry(good.port(), bad.port()), policy(speaks(version)));

    Future<Tally> getting = callers(version).send(Asked.get("/"), REQUESTS, 2);
    Future<Tally> posting = callers(version).send(Asked.post("/"), REQUESTS, 2);
    Tally gets = patiently(getting);
    Tally posts = patiently(posting);
    good.answers(fault);
    Tally none = tally(version, Asked.get("/"), 8, 4);

    assertThat(gets.failed()).as("%s", gets).isEmpty();
    boolean known = fault.refuses() && version == HttpVersion.HTTP_2; // not to be processed
    assertThat(posts.all())
        .allSatisfy(sent -> assertThat(times(sent)).as("%s", sent).isLessThan(known ? 3 : 2));
    assertThat(posts.failed()).as("%s", posts).allSatisfy(sent -> assertClean(fault, sent));
    assertThat(known ? posts.failed() : List.of()).as("%s", posts).isEmpty();
    assertThat(none.failed()).hasSize(8).allSatisfy(sent -> assertClean(fault, sent));
    figure("%s, %s: GET %s; POST %s; both bad %s".formatted(fault, version, gets, posts, none));
  }

  private int times(Sent sent) {
    return ledger.times(sent.id());
  }

  /** The backend's own answer, or one of the gateway's with its cause, in time. */
  private static void assertClean(Fault fault, Sent sent) {
    assertThat(sent.whole()).as("%s", sent).isTrue();
    assertThat(sent.status()).as("%s", sent).isIn(502, 503, 504);
    assertThat(sent.time()).as("%s", sent).isLessThanOrEqualTo(TIMEOUT);
    if (!fault.toString().contains("status")) {
      assertThat(sent.cause()).as("%s", sent).startsWith("weft; error=");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void aCutBodyIsSeenToBeCut(HttpVersion version) throws Exception {
    gateway(to("timeout: 1s, "), entry(good.port()), policy(speaks(version)));

    List<Fault> cuts = new ArrayList<>(CUTS);
    if (version == HttpVersion.HTTP_2) {
      cuts.add(Fault.tooLong()); // malformed (RFC 9113 section 8.1.1); of HTTP/1.1 another answer
    }
    for (Fault fault : cuts) {
      good.answers(fault);
      Tally tally = tally(version, Asked.get("/"), 2, 2);
      assertThat(tally.all())
          .as("%s: %s", fault, tally)
          .allSatisfy(sent -> assertThat(sent.status()).isIn(0, 200)) // a head waits for its body
          .allSatisfy(sent -> assertThat(sent.whole()).isFalse())
          .allSatisfy(sent -> assertThat(sent.cause()).doesNotContain("reset: 0"));
    }
  }

  @Test
  void aCutBodyOfHttp1HasNeitherItsLengthNorItsLastChunk() throws Exception {
    good.answers(
        request -> request.path().equals("/a") ? Fault.truncated() : Fault.truncatedChunks());
    gateway(to(""), entry(good.port()));

    String whole = RawHttp.exchange(port, "GET /a HTTP/1.1\r\nhost: shop.test\r\n\r\n");
    String chunked = RawHttp.exchange(port, "GET /b HTTP/1.1\r\nhost: shop.test\r\n\r\n");

    assertThat(whole).startsWith("HTTP/1.1 200 ").contains("content-length: " + Fault.LENGTH);
    assertThat(whole.substring(whole.indexOf("\r\n\r\n") + 4).length()).isLessThan(Fault.LENGTH);
    assertThat(chunked).startsWith("HTTP/1.1 200 ").doesNotContain("\r\n0\r\n");
  }

  @Test
  void whatIsLongerThanItSaidCostsNoGetOfOthers() throws Exception {
    bad.answers(Fault.tooLong());
    gateway(to(""), entry(good.port(), bad.port()));

    Tally tally = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);

    assertThat(tally.failed()).as("%s", tally).isEmpty();
  }

  @Test
  void connectionsThatDoNotComeAboutCostNoGetAndNoPost() throws Exception {
    bad.refuse();
    try (Blackhole hole = new Blackhole()) {
      gateway(
          to("timeout: 8s, "),
          entry(good.port(), bad.port(), hole.port()),
          policy("connectionPool: {tcp: {connectTimeout: 0.3s}}"));

      Tally gets = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);
      Tally posts = tally(HttpVersion.HTTP_1_1, Asked.post("/"), REQUESTS, 4);

      assertThat(gets.failed()).as("%s", gets).isEmpty();
      assertThat(posts.failed()).as("%s", posts).isEmpty();
      assertThat(posts.all()).allSatisfy(sent -> assertThat(times(sent)).isEqualTo(1));
      figure("refused, and lost on the way: %s; POST: %s".formatted(gets, posts));
    }
    bad.listen();
  }

  /** It never reached an endpoint: whatever its method, another one may have it. */
  @Test
  void whatFoundNoConnectionInTheTimeOfOneTryIsNotLost() throws Exception {
    try (Blackhole hole = new Blackhole()) {
      gateway(
          to("timeout: 8s, retries: {attempts: 2, perTryTimeout: 1s}, "),
          entry(good.port(), hole.port()));

      Tally posts = tally(HttpVersion.HTTP_1_1, Asked.post("/"), 12, 4);

      assertThat(posts.failed()).as("%s", posts).isEmpty();
      assertThat(posts.all()).allSatisfy(sent -> assertThat(times(sent)).isEqualTo(1));
      assertThat(posts.all()).as("some met it").anyMatch(sent -> sent.time().toMillis() >= 1000);
    }
  }

  @Test
  void aBackendThatTakesNoConnectionsOrResetsThemCostsNoGet() throws Exception {
    gateway(to(RETRIES), entry(good.port(), bad.port()));
    bad.resetsOnAccept(true);
    Tally reset = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);
    bad.resetsOnAccept(false);
    bad.hangsOnAccept(true);
    Tally hung = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);
    Tally posts = tally(HttpVersion.HTTP_1_1, Asked.post("/"), REQUESTS, 4);
    bad.hangsOnAccept(false); // and reads now what came meanwhile

    assertThat(reset.failed()).as("%s", reset).isEmpty();
    assertThat(hung.failed()).as("%s", hung).isEmpty();
    assertThat(posts.failed()).allSatisfy(sent -> assertClean(Fault.hang(), sent));
    assertThat(posts.all())
        .allSatisfy(sent -> assertThat(times(sent)).as("%s", sent).isLessThan(2));
    figure("reset on accept: %s; hangs on accept: %s; POST: %s".formatted(reset, hung, posts));
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void whereNobodyTakesAConnectionEachSaysWhy(HttpVersion version) throws Exception {
    gateway(to(RETRIES), entry(good.port(), bad.port()), policy(speaks(version)));
    List<FaultBackend> both = List.of(good, bad);

    both.forEach(one -> one.resetsOnAccept(true));
    Tally reset = tally(version, Asked.get("/"), 4, 2);
    both.forEach(one -> one.resetsOnAccept(false));
    both.forEach(one -> one.hangsOnAccept(true));
    Tally hung = tally(version, Asked.post("/"), 4, 2);
    both.forEach(one -> one.hangsOnAccept(false));
    both.forEach(FaultBackend::refuse);
    Tally refused = tally(version, Asked.get("/"), 4, 2);
    both.forEach(FaultBackend::listen);

    for (Tally tally : List.of(reset, hung, refused)) {
      assertThat(tally.failed()).hasSize(4).allSatisfy(sent -> assertClean(Fault.hang(), sent));
    }
    figure("both reset: %s; both hang: %s; both refuse: %s".formatted(reset, hung, refused));
  }

  @Test
  void whoClosesAfterEachAnswerCostsNoGetAndDoublesNoPost() throws Exception {
    good.answers(Fault.closeAfter());
    bad.answers(Fault.closeAfter());
    gateway(to(""), entry(good.port(), bad.port()));

    Tally gets = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);
    Tally posts = tally(HttpVersion.HTTP_1_1, Asked.post("/"), REQUESTS, 4);

    assertThat(gets.failed()).as("%s", gets).isEmpty();
    assertThat(posts.all())
        .allSatisfy(sent -> assertThat(times(sent)).as("%s", sent).isLessThan(2));
    assertThat(posts.failed()).allSatisfy(sent -> assertClean(Fault.closeAfter(), sent));
    figure("closes after each answer: GET %s; POST %s".formatted(gets, posts));
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void burstsOfErrorsCostNoGet(HttpVersion version) throws Exception {
    AtomicInteger number = new AtomicInteger(); // of both: else one's bursts met the other's
    good.answers(burst(number, 0));
    bad.answers(burst(number, ROUND / 2));
    gateway(to(RETRIES), entry(good.port(), bad.port()), policy(speaks(version)));

    Tally gets = tally(version, Asked.get("/"), 6 * REQUESTS, 2);

    assertThat(ledger.requests()).as("there were errors").isGreaterThan(gets.size());
    assertThat(gets.failed()).as("%s", gets).isEmpty();
  }

  /** Errors only for a tenth of the requests, in a row. */
  private static Function<Received, Fault> burst(AtomicInteger number, int from) {
    return any -> {
      int at = number.getAndIncrement() % ROUND - from;
      return at >= 0 && at < ROUND / 10 ? Fault.status(503) : Fault.none();
    };
  }

  @Test
  void aNameThatDoesNotResolveCostsNoGet() throws Exception {
    gateway(to(RETRIES), named(entry(good.port(), 9), 9));

    assertThat(seen(() -> statusNow() == 200)).isTrue();
    Tally tally = tally(HttpVersion.HTTP_1_1, Asked.get("/"), REQUESTS, 4);

    assertThat(tally.failed()).as("%s", tally).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void whereNoNameResolvesEachSaysSo(HttpVersion version) throws Exception {
    gateway(to(RETRIES), named(named(entry(7, 9), 7), 9), policy(speaks(version)));

    Tally gets = tally(version, Asked.get("/"), 8, 4);
    Tally posts = tally(version, Asked.post("/"), 8, 4);

    for (Tally tally : List.of(gets, posts)) {
      assertThat(tally.failed())
          .hasSize(8)
          .allSatisfy(sent -> assertClean(Fault.hang(), sent))
          .allSatisfy(sent -> assertThat(sent.status()).isEqualTo(503))
          .allSatisfy(
              sent ->
                  assertThat(sent.cause())
                      .isEqualTo("weft; error=dns_error; cause=name_unresolved"));
    }
    figure("no name resolves, %s: GET %s; POST %s".formatted(version, gets, posts));
  }

  /** The endpoint of that port has a name instead, which means nothing. */
  private static String named(String entry, int port) {
    String http = ", ports: {http: %d}".formatted(port);
    return entry
        .replace("STATIC", "DNS")
        .replace("127.0.0.1" + http, "no-" + port + ".invalid" + http);
  }

  private int statusNow() {
    try {
      return await(callers(HttpVersion.HTTP_1_1).send(Asked.get("/"))).status();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** As one does whose other side is gone without a word. */
  @Test
  void aConnectionOfHttp2ThatFellSilentIsNotUsedAgain() throws Exception {
    good.answers(any -> ledger.connections() < 2 ? Fault.hang() : Fault.none());
    gateway(to(PATIENT), entry(good.port()), policy(speaks(HttpVersion.HTTP_2)));
    Sent sent = await(callers(HttpVersion.HTTP_2).send(Asked.get("/")));

    assertThat(sent.status()).isEqualTo(200);
    assertThat(ledger.connections()).isEqualTo(2);
  }

  @Test
  void oneOnWhichOthersAreAnsweredIs() throws Exception {
    good.answers(any -> any.path().equals("/silent") ? Fault.hang() : Fault.none());
    gateway(to(PATIENT), entry(good.port()), policy(speaks(HttpVersion.HTTP_2)));
    Callers callers = callers(HttpVersion.HTTP_2);

    Future<Sent> silent = callers.send(Asked.get("/silent"));
    while (!silent.isComplete()) {
      assertThat(await(callers.send(Asked.get("/"))).status()).isEqualTo(200);
    }

    assertThat(silent.result().status()).isEqualTo(504);
    assertThat(ledger.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void killingABackendUnderLoadFailsNoGet(HttpVersion version) throws Exception {
    try (FaultProcess doomed = new FaultProcess(0)) {
      gateway(to(""), entry(good.port(), doomed.port()), policy(speaks(version)));
      LoadRun load = load(200, Duration.ofMinutes(2));
      assertThat(seen(() -> load.good() > 300 && load.underWay() < 20)).as("no pause now").isTrue();

      long before = load.good();
      doomed.kill();
      assertThat(seen(() -> load.good() > before + 200L * SCALE)).isTrue();
      LoadReport report = patiently(load.stop());

      assertThat(report.failed()).as("%s", report).isZero();
      figure("kill -9 under load, %s: %s".formatted(version, report));
    }
  }

  /** A hundred are under way to it, five times what the retry budget holds at least. */
  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void norWhereManyAreUnderWayToIt(HttpVersion version) throws Exception {
    Duration work = Duration.ofSeconds(1);
    good.answers(Fault.slow(200, work));
    try (FaultProcess doomed = new FaultProcess(0, work)) {
      gateway(to(""), entry(good.port(), doomed.port()), policy(speaks(version)));
      LoadRun load = load(200, Duration.ofMinutes(3));
      assertThat(seen(() -> load.good() > 400 && load.underWay() < 300, Duration.ofMinutes(1)))
          .as("no pause now")
          .isTrue();

      int atOnce = load.underWay();
      doomed.kill();
      long before = load.good();
      assertThat(seen(() -> load.good() > before + 400L * SCALE, Duration.ofMinutes(1))).isTrue();
      LoadReport report = patiently(load.stop());

      assertThat(report.failed()).as("%s", report).isZero();
      assertThat(report.quantile(1).toMillis()).as("some were lost").isGreaterThan(1_400);
      figure("kill -9, %d under way, %s: %s".formatted(atOnce, version, report));
    }
  }
}
