package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody can mean, from an application whose other requests its sidecar carries meanwhile. */
@Timeout(120)
final class OutboundBadInputIT extends HopsFixture {

  private static final int LATEST_MILLIS = 30_000;
  private static final String GET = "GET / HTTP/1.1\r\nHost: " + HOST + "\r\n";
  private static final String HELLO = "\u0016\3\1\2\0\1\0\1\u00fc\3\3";
  private static final String SLOWLY = "..."; // and then a byte each second

  private final ExecutorService readers = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    readers.shutdownNow();
  }

  /** What is sent, and how it is counted. */
  private static Map<String, String> bad() {
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put(HELLO, "tls");
    bad.put("\0\1\2\3", "protocol");
    bad.put("get / HTTP/1.1\r\n\r\n", "protocol");
    bad.put("", "silent");
    bad.put("GET /\r\n", "bad_request"); // HTTP/0.9
    bad.put("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "bad_request");
    bad.put("GET /" + "a".repeat(100_000), "bad_request");
    bad.put(GET + "X-Large: " + "a".repeat(100_000), "bad_request");
    bad.put(GET + "X: " + SLOWLY, "slow_head");
    return bad;
  }

  @Test
  void isRefusedInTimeWithItsCauseAndHarmsNobody() throws Exception {
    open("HTTP", application(), "", QUICK);
    try (RawHttp before = new RawHttp(outbound)) {
      for (Map.Entry<String, String> one : bad().entrySet()) {
        long counted = refused(callerAdmin, one.getValue());
        long all = refused();
        RawHttp client = new RawHttp(outbound);
        Future<String> end = readers.submit(() -> ended(client, one.getKey()));
        long drip = vertx.setPeriodic(1000, now -> drip(one.getKey(), client));
        do {
          answered(before);
          assertThat(RawHttp.exchange(outbound, GET + "Connection: close\r\n\r\n"))
              .startsWith("HTTP/1.1 200 ");
        } while (!end.isDone());
        vertx.cancelTimer(drip);

        String bytes = one.getKey();
        assertThat(end.get()).as("%.30s", bytes).isNotEqualTo("late").doesNotContain("200 OK");
        assertThat(refused(callerAdmin, one.getValue())).as("%.30s", bytes).isEqualTo(counted + 1);
        assertThat(refused()).as("%.30s, as anything else", bytes).isEqualTo(all + 1);
      }
    }
  }

  private long refused() throws Exception {
    return admin(callerAdmin, "/metrics")
        .lines()
        .filter(line -> line.startsWith("weft_refusals_total{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void answered(RawHttp client) throws IOException {
    client.send(GET + "\r\n");
    String head = client.head();
    assertThat(head).startsWith("HTTP/1.1 200 ");
    int length = Integer.parseInt(head.replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
    assertThat(client.next(length)).endsWith("URI=" + CALLER);
  }

  private static String ended(RawHttp connection, String bytes) {
    try (RawHttp client = connection) {
      client.socket().setSoTimeout(LATEST_MILLIS);
      client.send(bytes.replace(SLOWLY, ""));
      return client.rest();
    } catch (SocketTimeoutException late) {
      return "late";
    } catch (IOException broken) {
      return "broken";
    }
  }

  private static void drip(String bytes, RawHttp client) {
    if (bytes.endsWith(SLOWLY)) {
      try {
        client.send("x");
      } catch (IOException closed) {
        assertThat(closed).as("refused").isNotNull();
      }
    }
  }
}
