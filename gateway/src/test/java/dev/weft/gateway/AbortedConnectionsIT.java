package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.LogLines;
import dev.weft.testkit.RawHttp;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callers that are gone before they said anything, or amidst it: nobody can fill the log so. */
@Timeout(60)
final class AbortedConnectionsIT extends ServersFixture {

  private static final int EACH = 40;
  private static final int LATER = 5;
  private static final int MOST_LINES = 5; // one for each reason in a minute

  private static final List<String> BEGINNINGS =
      List.of(
          "",
          "G",
          "\u0016\3\1\2\0\1\0\1\u00fc\3\3", // half a hello
          "\u0016\3\1\0\5hello", // none
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: plain.test\r\n",
          "GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: plain.test\r\nContent-Length: 9\r\n\r\nhello",
          "POST / HTTP/1.1\r\nHost: plain.test\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");

  @Test
  void whatTheyLeaveInTheLogDoesNotGrowWithThem() throws Exception {
    gatewayOfServers(
        servers("SIMPLE"),
        rule("open", "shop.test"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"));
    try (LogLines libraries = new LogLines("io");
        LogLines own = new LogLines("dev.weft")) {
      for (int i = 0; i < EACH; i++) {
        for (String bytes : BEGINNINGS) {
          aborted(bytes, i % 2 == 0);
        }
      }
      for (int i = 0; i < LATER; i++) { // each goes by all that were before it
        assertThat(said(connected(HttpVersion.HTTP_2, "shop.test", false), "shop.test"))
            .isEqualTo("200 open");
      }

      assertThat(libraries.lines())
          .filteredOn(line -> !line.contains("has been blocked for")) // by a busy machine
          .isEmpty();
      assertThat(own.lines()).hasSizeLessThanOrEqualTo(MOST_LINES);
      assertThat(own.lines()).noneMatch(line -> line.contains("Exception"));
    }
  }

  /** By RST at once, or by FIN. */
  private void aborted(String bytes, boolean reset) throws IOException {
    try (RawHttp client = new RawHttp(port)) {
      if (reset) {
        client.socket().setSoLinger(true, 0);
      }
      client.send(bytes);
    }
  }
}
