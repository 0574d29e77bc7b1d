package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before there is an exchange has a line with its cause, and an answer too. */
final class RefusalLinesIT extends GatewayFixture {

  private static final String RULES =
      rules("{name: all, route: [{destination: {host: backend.test}}]}");
  private static final String GET = "GET / HTTP/1.1\r\nhost: shop.test\r\n";

  private Path log;

  @BeforeEach
  void logged() throws Exception {
    log = state.resolve("access.log");
    accessLog = log.toString();
  }

  private void serve(String limits) throws Exception {
    admin = FreePorts.next();
    int backend = backend(request -> request.response().end("x"));
    gateway(
        RULES,
        entry(backend),
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {limits: {%s}}
        """
            .formatted(limits));
  }

  private List<JsonObject> lines(int wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String text = "";
    do {
      text = Files.exists(log) ? Files.readString(log) : "";
      if (text.lines().count() >= wanted && text.endsWith("\n")) {
        return text.lines().map(JsonObject::new).toList();
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    } while (System.nanoTime() < end);
    throw new AssertionError(wanted + " lines, but " + text);
  }

  private static String request(String kind) {
    return switch (kind) {
      case "line" -> "GET /\r\nhost: shop.test\r\n\r\n";
      case "version" -> "GET / HTTP/3.0\r\nhost: shop.test\r\n\r\n";
      case "host" -> "GET / HTTP/1.1\r\n\r\n";
      case "connect" -> "CONNECT shop.test:443 HTTP/1.1\r\nhost: shop.test:443\r\n\r\n";
      case "header" -> GET + "x-a: " + "a".repeat(100_000) + "\r\n\r\n";
      case "headers" -> GET + "x-a: b\r\n".repeat(200) + "\r\n";
      case "target" -> "GET /" + "a".repeat(17_000) + " HTTP/1.1\r\nhost: shop.test\r\n\r\n";
      case "coding" -> GET + "transfer-encoding: brotli\r\n\r\n";
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "line, 400, bad_request",
    "version, 400, bad_request",
    "host, 400, bad_request",
    "connect, 400, bad_request",
    "header, 431, too_many_headers",
    "headers, 431, too_many_headers",
    "target, 414, url_too_long",
    "coding, 400, bad_request",
  })
  void aRequestThatCannotBeMeantHasALineAndAProxyStatus(String kind, int status, String cause)
      throws Exception {
    serve("headers: 100");

    String answer = RawHttp.exchange(port, request(kind));
    JsonObject line = lines(1).get(0);

    assertThat(answer)
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("proxy-status: weft; error=http_request_error; cause=" + cause + "\r\n");
    assertThat(line.getInteger("status")).as(line::encode).isEqualTo(status);
    assertThat(line.getString("cause")).isEqualTo(cause);
    assertThat(line.getString("detail")).isNotEmpty();
    assertThat(line.getString("route")).isEqualTo("-");
    assertThat(line.getString("source")).startsWith("127.0.0.1:");
    assertThat(line.getInteger("port")).isEqualTo(port);
    assertThat(line.getString("config")).isEqualTo("1");
  }

  @Test
  void aHeadThatDoesNotComeInTimeHasALineAndAProxyStatus() throws Exception {
    serve("headerTimeout: 200ms");

    String answer = RawHttp.exchange(port, "GET / HTTP/1.1\r\nhost:");
    JsonObject line = lines(1).get(0);

    assertThat(answer)
        .startsWith("HTTP/1.1 408 ")
        .contains("proxy-status: weft; error=http_request_error; cause=request_timeout\r\n");
    assertThat(line.getString("cause")).as(line::encode).isEqualTo("slow_head");
  }

  @Test
  void aConnectionThatIsNotTakenHasALine() throws Exception {
    serve("connections: 1");

    try (RawHttp first = new RawHttp(port)) {
      first.send(GET + "\r\n");
      assertThat(first.head()).startsWith("HTTP/1.1 200");
      assertThat(RawHttp.exchange(port, GET + "\r\n")).isEmpty();
    }

    JsonObject line =
        lines(2).stream().filter(one -> one.containsKey("cause")).findFirst().orElseThrow();
    assertThat(line.getString("protocol")).as(line::encode).isEqualTo("tcp");
    assertThat(line.getString("cause")).isEqualTo("limit");
    assertThat(line.getString("source")).startsWith("127.0.0.1:");
  }

  @Test
  void aHandshakeThatIsNoneHasALine() throws Exception {
    serve("connections: 0");

    RawHttp.exchange(port, "\u0016\u0003\u0001\u0000\u0005hello");
    RawHttp.exchange(port, "\u0000\u0001");

    assertThat(lines(2))
        .extracting(line -> line.getString("cause"))
        .containsExactlyInAnyOrder("tls", "protocol");
  }

  @Test
  void aFloodWritesFewLinesAndTheRestIsCounted() throws Exception {
    serve("connections: 0");
    int asked = 1_000;

    long began = System.nanoTime();
    for (int i = 0; i < asked; i++) {
      RawHttp.exchange(port, "NONSENSE\r\n\r\n");
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) + 2;

    RawHttp.exchange(port, GET + "connection: close\r\n\r\n");
    long written = settled();
    assertThat(written).isLessThanOrEqualTo(100 * seconds + 1);
    assertThat(written + dropped()).isEqualTo(asked + 1);
  }

  /** Lines, once the last request's is there. */
  private long settled() throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() < end) {
      String text = Files.readString(log);
      if (text.contains("\"status\":200") && text.endsWith("\n")) {
        return text.lines().count();
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
    throw new AssertionError("the last request has no line");
  }

  private long dropped() throws Exception {
    return admin("/metrics")
        .lines()
        .filter(line -> line.startsWith("weft_access_log_dropped_total "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .sum();
  }
}
