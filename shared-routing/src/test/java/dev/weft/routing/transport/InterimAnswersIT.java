package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.testkit.RawHttp;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What servers say before their answer is not their answer. */
final class InterimAnswersIT extends TransportFixture {

  private static final int PREFACE = 24;
  private static final int FRAME_HEAD = 9;
  private static final int HEADERS = 1;
  private static final String SETTINGS = "000000 04 00 00000000";
  // :status is a literal under the name of index 8, and 200 is of index 8 (RFC 7541 appendix A)
  private static final String PROCESSING = "000005 01 04 00000001 08 03 313032";
  private static final String EARLY_HINTS = "000005 01 04 00000001 08 03 313033";
  private static final String OK = "000001 01 04 00000001 88";
  private static final String BODY = "000002 00 01 00000001 6f6b";

  @Test
  void ofHttp1TheyEndNoRequest() throws Exception {
    int port =
        answering(
            RawHttp.lines(
                    "HTTP/1.1 102 Processing",
                    "",
                    "HTTP/1.1 100 Continue",
                    "",
                    "HTTP/1.1 199 Soon",
                    "x-a: 1",
                    "",
                    "HTTP/1.1 103 Early Hints",
                    "link: </a>",
                    "",
                    "HTTP/1.1 200 OK",
                    "content-length: 2",
                    "")
                + "ok");
    Endpoint endpoint = endpoint(port);
    List<String> hints = new ArrayList<>();

    for (int i = 0; i < 2; i++) {
      Exchange exchange = get("/");
      exchange.onHints(headers -> hints.add(headers.get("link")));
      Answer answer = await(exchanged(exchange, settings(HttpChoice.HTTP_1), endpoint));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body().toString()).isEqualTo("ok");
      assertThat(answer.headers().contains("x-a")).isFalse();
    }
    assertThat(hints).containsExactly("</a>", "</a>");
    assertThat(limits.open(CLUSTER)).as("one connection for both").isEqualTo(1);
  }

  @Test
  void ofHttp2TheyEndNoRequest() throws Exception {
    int port = raw(socket -> http2(socket, PROCESSING + EARLY_HINTS + PROCESSING + OK + BODY));
    List<String> hints = new ArrayList<>();
    Exchange exchange = get("/");
    exchange.onHints(headers -> hints.add("told"));

    Answer answer = answer(exchange, settings(HttpChoice.HTTP_2), port);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().toString()).isEqualTo("ok");
    assertThat(hints).containsExactly("told");
  }

  @Test
  void anUpgradeThatNobodyAskedForIsAFault() throws Exception {
    int port =
        answering(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n"
                + "other words");

    assertThat(failure(exchanged(get("/"), settings(HttpChoice.HTTP_1), endpoint(port))).reason())
        .isEqualTo(Cause.UPSTREAM_PROTOCOL);
    until(() -> limits.open(CLUSTER) == 0);
  }

  /** Answers the first request with these frames. */
  private static void http2(NetSocket socket, String frames) {
    Buffer came = Buffer.buffer();
    socket.write(bytes(SETTINGS));
    socket.handler(
        bytes -> {
          came.appendBuffer(bytes);
          int at = PREFACE;
          while (came.length() >= at + FRAME_HEAD) {
            if (came.getByte(at + 3) == HEADERS) {
              socket.write(bytes(frames));
              socket.handler(rest -> {});
              return;
            }
            at += FRAME_HEAD + came.getMedium(at);
          }
        });
  }

  private static Buffer bytes(String hex) {
    return Buffer.buffer(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
