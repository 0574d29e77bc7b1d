package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.http.HttpClientConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is neither mTLS nor a request of a workload, at a sidecar that serves others meanwhile. */
@Timeout(60)
final class BadInputIT extends SidecarFixture {

  /** What is sent at once. */
  private static final List<String> BAD =
      List.of(
          "\u0016\3\1\2\0\1\0\1\u00fc\3\3", // a hello that does not end
          "\u0016\3\1@\0\1\4\0\0", // of 256 KiB
          "\u0016\3\1\0\5hello",
          "GET /\r\n", // HTTP/0.9
          "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
          "\0\1\2\3",
          "");

  @Test
  void isRefusedInTimeWithItsCauseAndHarmsNobody() throws Exception {
    int admin = FreePorts.next();
    int inbound = FreePorts.next();
    await(
        sidecar(
            admin,
            "--config",
            "dir:" + config("config"),
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application()));
    HttpClientConnection good = await(connected(showing(mesh.good(CALLER)), inbound));
    List<RawHttp> bad = new ArrayList<>();
    try {
      for (String bytes : BAD) {
        RawHttp client = new RawHttp(inbound);
        client.send(bytes);
        bad.add(client);
      }
      RawHttp slow = new RawHttp(inbound); // a byte a second
      bad.add(slow);
      slow.send("\u0016\3\1\2\0\1\0\1\u00fc\3\3");
      long drip = vertx.setPeriodic(1000, now -> sendOne(slow));

      int answers = 0;
      for (RawHttp client : bad) { // the latest ends after ten seconds
        assertThat(client.socket().isConnected()).isTrue();
        assertThat(await(ask(good))).startsWith("200 ");
        client.rest();
        answers++;
      }
      vertx.cancelTimer(drip);

      assertThat(answers).isEqualTo(BAD.size() + 1);
      assertThat(await(ask(good))).startsWith("200 ");
      assertThat(refused(admin, "handshake")).isEqualTo(4);
      assertThat(refused(admin, "plaintext")).isEqualTo(2);
      assertThat(refused(admin, "protocol")).isEqualTo(1);
      assertThat(refused(admin, "silent")).isEqualTo(1);
    } finally {
      for (RawHttp client : bad) {
        client.close();
      }
    }
  }

  private static void sendOne(RawHttp client) {
    try {
      client.send("\0");
    } catch (IOException closed) {
      assertThat(closed).as("refused").isNotNull();
    }
  }
}
