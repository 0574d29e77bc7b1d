package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.RawServer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Answers of an upstream that two readers could take for different ones, or that say more than was
 * asked for: a caller sees that they are none, and the next one on that connection nothing of them.
 */
final class ResponseAttacksIT extends GatewayFixture {

  private static final String ONE_ONLY =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: backend}
      spec:
        host: backend.test
        trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}
      """;

  private static final String GOOD = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String FIVE = "Content-Length: 5\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
  private static final String CHUNKS = "\r\n5\r\nhello\r\n0\r\n\r\n";
  private static final String POISON = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison";

  private static final String LAST = "connection: close\r\n";
  private static final String GET = "GET /p HTTP/1.1\r\nHost: shop.test\r\n" + LAST + "\r\n";

  private final AtomicReference<String> attack = new AtomicReference<>(GOOD);
  private final AtomicReference<CountDownLatch> held = new AtomicReference<>(new CountDownLatch(0));
  private RawServer upstream;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer(this::answer);
    gateway(
        rules("{route: [{destination: {host: backend.test}}]}"), entry(upstream.port()), ONE_ONLY);
  }

  @AfterEach
  void end() throws IOException {
    upstream.close();
  }

  /** What a caller is told. */
  private enum Told {
    /** 502, or 503 where the connection broke. */
    FAILURE,
    /** An answer that does not come to its end. */
    CUT,
    /** The answer, as if nothing had been wrong with it, and nothing else. */
    ANSWER
  }

  private record Case(String name, Told told, String bytes) {}

  private static Case fails(String name, String bytes) {
    return new Case(name, Told.FAILURE, bytes);
  }

  private static Case chunks(String name, String chunks) {
    return new Case(name, Told.CUT, OK + CHUNKED + chunks);
  }

  private static Case answers(String name, String bytes) {
    return new Case(name, Told.ANSWER, bytes);
  }

  private static Stream<Case> lengths() {
    return Stream.of(
        fails("a length and chunks", OK + FIVE + CHUNKED + CHUNKS),
        fails("chunks and a length", OK + CHUNKED + "Content-Length: 3\r\n" + CHUNKS),
        fails("two lengths", OK + FIVE + "Content-Length: 6\r\n\r\nhello!"),
        fails("one length twice", OK + FIVE + FIVE + "\r\nhello"),
        fails("a list of one length", OK + "Content-Length: 5, 5\r\n\r\nhello"),
        fails("a list of two lengths", OK + "Content-Length: 5, 6\r\n\r\nhello!"),
        fails("a length with a plus", OK + "Content-Length: +5\r\n\r\nhello"),
        fails("a length with a minus", OK + "Content-Length: -5\r\n\r\nhello"),
        fails("a length in hexadecimal", OK + "Content-Length: 0x5\r\n\r\nhello"),
        fails("a length of nothing", OK + "Content-Length:\r\n\r\nhello"),
        fails("a length of 2^63", OK + "Content-Length: 9223372036854775808\r\n\r\nhello"),
        fails("a coding that is unknown", OK + "Transfer-Encoding: xchunked\r\n" + CHUNKS),
        fails("gzip, chunked", OK + "Transfer-Encoding: gzip, chunked\r\n" + CHUNKS),
        fails("chunked, identity", OK + "Transfer-Encoding: chunked, identity\r\n" + CHUNKS),
        fails("chunked twice", OK + CHUNKED + CHUNKED + CHUNKS),
        fails("chunked behind a vertical tab", OK + "Transfer-Encoding: \013chunked\r\n" + CHUNKS),
        fails("a coding before a space", OK + "Transfer-Encoding : chunked\r\n" + FIVE + CHUNKS),
        fails("a folded coding", OK + "Transfer-Encoding:\r\n chunked\r\n" + CHUNKS),
        fails("a coding in HTTP/1.0", OK.replace("1.1", "1.0") + CHUNKED + CHUNKS),
        chunks("a chunk of 0x5", CHUNKS.replace("\r\n5\r", "\r\n0x5\r")),
        chunks("a chunk of -5", CHUNKS.replace("\r\n5\r", "\r\n-5\r")),
        chunks("a chunk of 2^64 + 5", CHUNKS.replace("\r\n5\r", "\r\n10000000000000005\r")),
        chunks("a chunk that is too long", CHUNKS.replace("hello", "hello!")),
        chunks("a chunk that ends in LF", CHUNKS.replace("hello\r", "hello")),
        chunks("a chunk's size that ends in LF", "\r\n5\nhello\r\n0\r\n\r\n"));
  }

  private static Stream<Case> lines() {
    String rest = FIVE + "\r\nhello";
    return Stream.of(
        fails("a bare LF in a value", OK + "X: a\nSet-Cookie: evil=1\r\n" + rest),
        fails("a bare CR in a value", OK + "X: a\rSet-Cookie: evil=1\r\n" + rest),
        fails("NUL in a value", OK + "X: a\000b\r\n" + rest),
        fails("a control character in a value", OK + "X: a\001b\r\n" + rest),
        fails("a control character in a name", OK + "X\001A: b\r\n" + rest),
        fails("a line without a colon", OK + "foo\r\n" + rest),
        fails("a line without a name", OK + ": foo\r\n" + rest),
        fails("all lines end in LF", (OK + rest).replace("\r", "")),
        fails("a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n" + rest),
        fails("a status of two digits", "HTTP/1.1 20 OK\r\n" + rest),
        fails("a status of four digits", "HTTP/1.1 2000 OK\r\n" + rest),
        fails("a status that is none", "HTTP/1.1 OK\r\n" + rest),
        fails("a status of 000", "HTTP/1.1 000 x\r\n" + rest),
        fails("HTTP/2.0", "HTTP/2.0 200 OK\r\n" + rest),
        fails("HTTP/1.2", "HTTP/1.2 200 OK\r\n" + rest),
        fails("no HTTP", "220 mail.test ESMTP\r\n"),
        fails("a head without an end", OK + "X: " + "a".repeat(100_000)),
        answers("a folded value", OK + "X: a\r\n b\r\n" + rest),
        answers("a control character in the reason", "HTTP/1.1 200 O\001K\r\n" + rest));
  }

  /** What comes behind an answer, in the same reading: whole, in part, or nothing to look at. */
  private static Stream<Case> more() {
    String answer = OK + FIVE + "\r\nhello";
    return Stream.of(
        answers("an answer and another one", answer + POISON),
        answers("an answer and half a head", answer + OK + "X: poison"),
        answers("an answer and half a first line", answer + "HTTP/1.1 201 poison"),
        answers("an answer and half a body", answer + OK + "Content-Length: 99\r\n\r\npoison"),
        answers("an answer and some bytes", answer + "more"),
        answers("an answer and a line", answer + "\r\n"),
        answers("chunks and an answer", OK + CHUNKED + CHUNKS + POISON),
        answers("chunks and half a head", OK + CHUNKED + CHUNKS + OK + "X: poison"),
        answers("an interim answer with a length", "HTTP/1.1 100 Go\r\n" + FIVE + "\r\n" + answer),
        answers("a thousand interim answers", "HTTP/1.1 100 Go\r\n\r\n".repeat(1000) + answer),
        answers("an interim answer that is unheard of", "HTTP/1.1 199 x\r\n\r\n" + answer),
        answers(
            "an interim answer, an answer and half a head",
            "HTTP/1.1 100 Go\r\n\r\n" + answer + OK + "X: poison"),
        fails(
            "an upgrade that nobody asked for",
            "HTTP/1.1 101 Up\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + POISON));
  }

  private static Stream<Case> all() {
    return Stream.of(lengths(), lines(), more()).flatMap(each -> each);
  }

  @TestFactory
  Stream<DynamicTest> eachHarmsNobodyElse() {
    return all().map(one -> dynamicTest(one.name(), () -> harmsNobodyElse(one)));
  }

  private void harmsNobodyElse(Case one) throws IOException {
    attack.set(one.bytes());

    String answer = RawHttp.exchange(port, GET);

    switch (one.told()) {
      case FAILURE -> assertThat(answer).matches("(?s)HTTP/1\\.1 50[23] .*\r\n\r\nupstream .*");
      case CUT -> assertThat(answer).startsWith(OK).doesNotEndWith("0\r\n\r\n");
      case ANSWER ->
          assertThat(answer.replace("5\r\nhello\r\n0\r\n\r\n", "hello"))
              .startsWith(OK)
              .endsWith("\r\n\r\nhello");
    }
    assertThat(answer).doesNotContain("poison").doesNotContain("evil");
    assertThatOthersAreAnswered();
  }

  private void assertThatOthersAreAnswered() throws IOException {
    assertThat(RawHttp.exchange(port, GET.replace("/p", "/good")))
        .isEqualTo(GOOD.replace("\r\n\r\n", "\r\n" + LAST + "\r\n"));
  }

  /** Statuses that have no body, whose connection is given to the next one at once. */
  @TestFactory
  Stream<DynamicTest> aBodyOfAnAnswerThatHasNoneIsNobodys() {
    return Stream.of(
            "HTTP/1.1 204 None\r\n\r\n",
            "HTTP/1.1 304 Same\r\nContent-Length: 50\r\n\r\n",
            "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n")
        .flatMap(head -> Stream.of(head + POISON, head + OK + "X: poison", head + "poison"))
        .map(bytes -> dynamicTest(bytes.replace("\r\n", " "), () -> bodiless(bytes)));
  }

  private void bodiless(String bytes) throws IOException {
    attack.set(bytes);

    assertThat(RawHttp.exchange(port, GET))
        .startsWith(bytes.substring(0, "HTTP/1.1 204".length()))
        .endsWith("\r\n\r\n")
        .doesNotContain("poison");

    assertThatOthersAreAnswered();
  }

  @Test
  void aBodyOfAnAnswerToHeadIsNobodys() throws IOException {
    for (String more : List.of(POISON, "hello", OK + "X: poison")) {
      attack.set(OK + FIVE + "\r\n" + more);

      assertThat(RawHttp.exchange(port, GET.replace("GET", "HEAD")))
          .isEqualTo(OK + FIVE + LAST + "\r\n");

      assertThatOthersAreAnswered();
    }
  }

  /** The next request goes out as soon as the answer has come to its end. */
  @Test
  void whoWaitsForTheConnectionGetsNothingOfIt() throws Exception {
    for (String more : List.of(POISON, OK + "X: poison", "HTTP/1.1 201 poison", "poison")) {
      CountDownLatch waits = new CountDownLatch(1);
      attack.set(OK + FIVE + "\r\nhello" + more);
      held.set(waits);
      try (RawHttp first = new RawHttp(port);
          RawHttp second = new RawHttp(port)) {
        first.send(GET);
        second.send(GET.replace("/p", "/good"));
        RawHttp.exchange(port, "GET /p%zz HTTP/1.1\r\nHost: shop.test\r\n\r\n"); // behind both
        waits.countDown();

        assertThat(first.rest()).startsWith(OK).endsWith("hello");
        assertThat(second.rest()).isEqualTo(GOOD.replace("\r\n\r\n", "\r\n" + LAST + "\r\n"));
      }
    }
  }

  private String answer(String request) {
    if (request.contains("/good ")) {
      return GOOD;
    }
    try {
      assertThat(held.get().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
    return attack.get();
  }
}
