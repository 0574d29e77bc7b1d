package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.weft.gateway.RawHttp2.Frame;
import dev.weft.gateway.StreamAttack.Outcome;
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
 * Requests and frames of HTTP/2 against a gateway whose upstream speaks HTTP/1.1 and whose every
 * byte to it is looked at. What concerns a stream harms no other of its connection; after each a
 * request of somebody else comes through whole and alone.
 */
final class StreamAttacksIT extends GatewayFixture {

  private static final int LATER = 101;

  private RawServer upstream;
  private RawHttp other;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer(request -> "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    gateway(rules("{route: [{destination: {host: backend.test}}]}"), entry(upstream.port()));
    other = new RawHttp(port);
  }

  @AfterEach
  void end() throws IOException {
    other.close();
    upstream.close();
  }

  static List<StreamAttack> all() {
    return Stream.concat(HeadAttacks.all(), FrameAttacks.all()).toList();
  }

  @TestFactory
  Stream<DynamicTest> eachComesToNothing() {
    return all().stream().map(one -> dynamicTest(one.name(), () -> comesToNothing(one)));
  }

  private void comesToNothing(StreamAttack attack) throws Exception {
    String later = "";
    try (RawHttp2 client = new RawHttp2(port)) {
      client.send(attack.frames().getBytes());

      Frame answer = client.next();

      switch (attack.outcome()) {
        case SERVED -> assertThat(answer.text()).contains(":status: 200");
        case CONNECTION -> {
          assertThat(answer.type()).as(answer.text()).isEqualTo(RawHttp2.GO_AWAY);
          assertThat(answer.text()).isEqualTo(Integer.toString(attack.code()));
        }
        case STREAM -> {
          assertRefused(answer, attack);
          client.send(StreamAttack.head(LATER, true, StreamAttack.instead(":path", "/later")));
          assertThat(answerTo(client, LATER).text()).contains(":status: 200");
          later = Attack.got("/later");
        }
      }
    }
    other.send("GET /good HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    assertThat(other.head()).startsWith("HTTP/1.1 200 OK");
    assertThat(other.next(2)).isEqualTo("ok");
    String received = Attack.plain(upstream.taken());
    String good = later + Attack.got("/good");
    assertThat(received).as("others' requests are whole").endsWith(good);
    String before = received.substring(0, received.length() - good.length());
    if (attack.outcome() == Outcome.SERVED) {
      assertThat(before).isEqualTo(attack.upstream());
    } else {
      assertUnfinished(before);
    }
  }

  private static void assertRefused(Frame answer, StreamAttack attack) {
    assertThat(answer.type()).as(answer.text()).isIn(RawHttp2.RESET, RawHttp2.HEADERS);
    if (answer.type() == RawHttp2.HEADERS) {
      assertThat(answer.text()).contains(":status: 400");
    } else {
      assertThat(answer.text()).isEqualTo(Integer.toString(attack.code()));
    }
  }

  /** Nothing, or a head whose body does not come to its end. */
  private static void assertUnfinished(String received) {
    if (!received.isEmpty()) {
      assertThat(received)
          .startsWith("POST /p HTTP/1.1\r\n")
          .containsOnlyOnce(" HTTP/1.1\r\n")
          .containsPattern("(?i)transfer-encoding: chunked|content-length: [1-9]")
          .doesNotContain("\r\n0\r\n")
          .doesNotEndWith("hello");
    }
  }

  private static Frame answerTo(RawHttp2 client, int stream) throws Exception {
    Frame answer = client.next();
    while (answer.stream() != stream && answer.type() != RawHttp2.GO_AWAY) {
      answer = client.next();
    }
    return answer;
  }
}
