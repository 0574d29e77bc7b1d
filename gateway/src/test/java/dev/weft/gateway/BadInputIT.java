package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What nobody can mean, at a port of a gateway that takes plaintext and TLS: each is refused in
 * time with its cause, while others' requests go on over connections of before and new ones.
 */
@Timeout(120)
final class BadInputIT extends ServersFixture {

  private static final int LATEST_SECONDS = 30;
  private static final String GET = "GET / HTTP/1.1\r\nHost: plain.test\r\n";
  private static final String HELLO = // one that does not end
      "\u0016\3\1\2\0\1\0\1\u00fc\3\3";
  private static final String LARGER = "\u0016\3\1@\0\1\4\0\0"; // one of 256 KiB
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";
  private static final String LARGEST = "\177\377\377\0\0\0\0\0\1"; // a frame of 8 MiB
  private static final Set<String> WAITED_FOR = Set.of("silent", "slow_head");
  private static final String SLOWLY = "..."; // and then a byte each second

  /** What is sent, and how it is counted; an answer that tells is told there, too. */
  private static Map<String, String> bad() {
    Map<String, String> bad = new LinkedHashMap<>();
    bad.put(HELLO, "handshake");
    bad.put(HELLO + SLOWLY, "handshake");
    bad.put(LARGER, "handshake");
    bad.put("\u0016\3\1\0\5hello", "handshake"); // which asks for no name, and is none
    bad.put("\0\1\2\3", "protocol");
    bad.put("\u0080.\1\0\2", "protocol"); // SSL 2
    bad.put("get / HTTP/1.1\r\n\r\n", "protocol");
    bad.put("", "silent");
    bad.put("GET /\r\n", "bad_request"); // HTTP/0.9
    bad.put("GET / HTTP/0.9\r\n\r\n", "bad_request");
    bad.put("GET / HTTP/3.7\r\nHost: plain.test\r\n\r\n", "bad_request");
    bad.put("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "bad_request");
    bad.put("PRI * HTTP/2.0\r\n\r\nSM", "silent"); // most of a preface
    bad.put(PREFACE, "slow_head");
    bad.put(PREFACE + SETTINGS.substring(0, 5), "slow_head");
    bad.put(PREFACE + "hello, this is no frame of settings", "protocol");
    bad.put(PREFACE + SETTINGS + LARGEST, "protocol");
    bad.put("HELO mail.test\r\n", "bad_request");
    bad.put("GET /" + "a".repeat(100_000), "bad_request");
    bad.put(GET + "X-Large: " + "a".repeat(100_000), "bad_request");
    bad.put(GET + "X: " + SLOWLY, "slow_head");
    bad.put("G" + SLOWLY, "slow_head");
    return bad;
  }

  private HttpClientConnection plain;
  private HttpClientConnection secured;
  private final ExecutorService readers = Executors.newCachedThreadPool();

  private void begin() throws Exception {
    admin = FreePorts.next();
    gatewayOfServers(
        servers("SIMPLE"),
        rule("open", "shop.test, '*.shop.test'"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {limits: {headerTimeout: 3s}}
        """);
    plain = connected(HttpVersion.HTTP_1_1, "", false);
    secured = connected(HttpVersion.HTTP_2, "shop.test", false);
  }

  @Test
  void isRefusedInTimeWithItsCauseAndHarmsNobody() throws Exception {
    begin();
    othersGoOn();
    Map<String, String> late = new LinkedHashMap<>();
    for (Map.Entry<String, String> one : bad().entrySet()) {
      if (waitedFor(one.getKey(), one.getValue())) {
        late.put(one.getKey(), one.getValue());
      } else {
        Map<String, Long> before = counted();
        String told = ended(new RawHttp(port), one.getKey());
        othersGoOn();
        assertThat(told).as("%.30s", one.getKey()).isNotEqualTo("late").doesNotContain("200 OK");
        assertThat(counted()).as("%.30s", one.getKey()).isEqualTo(plus(before, one.getValue()));
        if (one.getValue().equals("bad_request")) {
          assertThat(told).as("%.30s", one.getKey()).startsWith("HTTP/1.1 4");
        }
      }
    }
    Map<String, Long> before = counted();

    ends(late).forEach((bytes, told) -> assertThat(told).as("%.30s", bytes).isNotEqualTo("late"));

    for (String cause : late.values()) {
      before = plus(before, cause);
    }
    assertThat(counted()).isEqualTo(before);
  }

  private static boolean waitedFor(String bytes, String cause) {
    return WAITED_FOR.contains(cause) || bytes.startsWith(HELLO) || bytes.equals(LARGER);
  }

  private static Map<String, Long> plus(Map<String, Long> counts, String cause) {
    Map<String, Long> all = new TreeMap<>(counts);
    all.merge(cause, 1L, Long::sum);
    return all;
  }

  /** What comes of connections that are waited for, together, while others' requests go on. */
  private Map<String, String> ends(Map<String, String> late) throws Exception {
    Map<String, RawHttp> clients = new LinkedHashMap<>();
    Map<String, Future<String>> ends = new LinkedHashMap<>();
    for (String bytes : late.keySet()) {
      RawHttp client = new RawHttp(port);
      clients.put(bytes, client);
      ends.put(bytes, readers.submit(() -> ended(client, bytes)));
    }
    long drip = vertx.setPeriodic(1000, now -> drip(clients));
    Map<String, String> told = new LinkedHashMap<>();
    for (Map.Entry<String, Future<String>> one : ends.entrySet()) {
      do {
        othersGoOn();
      } while (!one.getValue().isDone());
      told.put(one.getKey(), one.getValue().get());
    }
    vertx.cancelTimer(drip);
    return told;
  }

  private static String ended(RawHttp connection, String bytes) {
    try (RawHttp client = connection) {
      client.socket().setSoTimeout(LATEST_SECONDS * 1000);
      client.send(bytes.endsWith(SLOWLY) ? bytes.replace(SLOWLY, "") : bytes);
      return client.rest();
    } catch (SocketTimeoutException late) {
      return "late";
    } catch (IOException broken) {
      return "broken";
    }
  }

  private static void drip(Map<String, RawHttp> clients) {
    clients.forEach(
        (bytes, client) -> {
          if (bytes.endsWith(SLOWLY)) {
            try {
              client.send("x");
            } catch (IOException closed) {
              assertThat(closed).as("refused").isNotNull();
            }
          }
        });
  }

  /** Over a connection of before in each of two ways, and a new one. */
  private void othersGoOn() throws Exception {
    assertThat(said(plain, "plain.test")).isEqualTo("200 plain");
    assertThat(said(secured, "shop.test")).isEqualTo("200 open");
    HttpClientConnection fresh = connected(HttpVersion.HTTP_2, "shop.test", false);
    assertThat(said(fresh, "shop.test")).isEqualTo("200 open");
    await(fresh.close());
  }

  private Map<String, Long> counted() throws Exception {
    String start = "weft_refusals_total{reason=\"";
    Map<String, Long> causes = new TreeMap<>();
    admin("/metrics")
        .lines()
        .filter(line -> line.startsWith(start))
        .forEach(
            line -> {
              String cause = line.substring(start.length(), line.lastIndexOf('"'));
              long count = (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
              if (count > 0) {
                causes.put(cause, count);
              }
            });
    return causes;
  }
}
