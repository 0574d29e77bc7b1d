package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.RawServer;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Requests of HTTP/1.1 that two servers could read differently, against a gateway whose upstream's
 * every byte is looked at. Behind each comes a request that must never be served, and after each a
 * request of somebody else that must come through whole and alone.
 */
final class RequestAttacksIT extends GatewayFixture {

  private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

  /** What an attacker would have others' requests, or a guarded server, meet. */
  private static final String SMUGGLED =
      "GET /smuggled HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";

  private RawServer upstream;
  private RawHttp other;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer(RequestAttacksIT::answer);
    String everywhere = rules("{route: [{destination: {host: backend.test}}]}");
    gateway(everywhere.replace("[shop.test]", "['*.test']"), entry(upstream.port()));
    other = new RawHttp(port);
  }

  @AfterEach
  void end() throws IOException {
    other.close();
    upstream.close();
  }

  private static String answer(String request) {
    return request.startsWith("HEAD ") ? ANSWER.replace("ok", "") : ANSWER;
  }

  static List<Attack> all() {
    return Stream.of(
            LengthAttacks.all(), CodingAttacks.all(), LineAttacks.all(), TargetAttacks.all())
        .flatMap(each -> each)
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> eachComesToNothing() {
    return all().stream().map(one -> dynamicTest(one.name(), () -> comesToNothing(one)));
  }

  private void comesToNothing(Attack attack) throws IOException {
    String answer = RawHttp.exchange(port, attack.bytes() + SMUGGLED).replace(CONTINUE, "");

    if (attack.status().isEmpty()) {
      assertThat(answer).isEmpty();
    } else {
      assertThat(answer).matches("(?s)HTTP/1\\.[01] " + attack.status() + " .*");
      assertThat(answer.indexOf("HTTP/1", 1)).as("one answer").isNegative();
    }
    String before = receivedBeforeAnother();
    if (attack.upstream().equals(Attack.CUT)) {
      assertThat(before).doesNotContain("\r\n0\r\n").doesNotContain("smuggled");
    } else {
      assertThat(before).isEqualTo(attack.upstream());
    }
  }

  /** What came upstream so far, once somebody else's request has come through. */
  private String receivedBeforeAnother() throws IOException {
    other.send("GET /good HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assertThat(other.head()).startsWith("HTTP/1.1 200 OK");
    assertThat(other.next(2)).isEqualTo("ok");
    String received = Attack.plain(upstream.taken());
    String good = Attack.got("/good");
    assertThat(received).as("others' requests are whole").endsWith(good);
    return received.substring(0, received.length() - good.length());
  }

  /** Behind a request that is none of them, of the same connection and in the same reading. */
  @TestFactory
  Stream<DynamicTest> aSecondRequestIsLookedAtAsTheFirst() {
    String end = "\r\n\r\n";
    List<Attack> later =
        List.of(
            Attack.refused("NUL before it", "\0" + Attack.GET + "\r\n"),
            Attack.refused("a space before it", " " + Attack.GET + "\r\n"),
            Attack.refused("a tab before it", "\t" + Attack.GET + "\r\n"),
            Attack.refused("a vertical tab before it", "\013" + Attack.GET + "\r\n"),
            Attack.refused("DEL before it", "\177" + Attack.GET + "\r\n"),
            Attack.refused("no ASCII before it", "\351" + Attack.GET + "\r\n"),
            Attack.refused("a space behind an empty line", "\r\n " + Attack.GET + "\r\n"),
            Attack.refused("chunks that nobody announced", "5\r\nhello\r\n0" + end),
            Attack.refused("the preface of HTTP/2", "PRI * HTTP/2.0" + end + "SM" + end));
    return Stream.concat(
            later.stream(), CodingAttacks.all().filter(one -> one.upstream().isEmpty()))
        .map(one -> dynamicTest(one.name(), () -> comesSecond(one)));
  }

  private void comesSecond(Attack attack) throws IOException {
    String first = Attack.GET + "\r\n";

    String answers = RawHttp.exchange(port, first + attack.bytes() + SMUGGLED);

    assertThat(answers).startsWith(ANSWER + "HTTP/1.1 400 ");
    assertThat(answers.indexOf("HTTP/1", ANSWER.length() + 1)).as("two answers").isNegative();
    assertThat(receivedBeforeAnother()).isEqualTo(Attack.got("/p"));
  }
}
