package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.RawHttp;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lines of the access log as a gateway writes them to its file: formats, filters, attacks. */
final class AccessLogFormatsIT extends GatewayFixture {

  private static final String RULES =
      rules("{name: all, timeout: 5s, route: [{destination: {host: backend.test}}]}");

  private Path log;
  private int backend;

  @BeforeEach
  void logged() throws Exception {
    log = state.resolve("access.log");
    accessLog = log.toString();
    backend = backend(AccessLogFormatsIT::answer);
  }

  /** As its path says: {@code /status/503}, {@code /slow/2100}. */
  private static void answer(HttpServerRequest request) {
    String path = request.path();
    String last = path.substring(path.lastIndexOf('/') + 1);
    int number = last.matches("[0-9]{3,4}") ? Integer.parseInt(last) : 200;
    request.response().putHeader("x-served-by", "one \"two\"").putHeader("set-cookie", "s3cret");
    if (path.startsWith("/trailers/")) {
      request.response().setStatusCode(200).setChunked(true).write("a");
      request.response().putTrailer("x-end", "whole").putTrailer("x-secret", "s3cret");
      Vertx.currentContext().owner().setTimer(number, late -> request.response().end("b"));
    } else if (path.startsWith("/slow/")) {
      request.response().setStatusCode(200);
      Vertx.currentContext().owner().setTimer(number, late -> request.response().end("late"));
    } else {
      request.response().setStatusCode(number).end("body");
    }
  }

  private static String settings(String log) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default}
    spec: {breaker: {minimumRequests: 1000}, log: {%s}}
    """
        .formatted(log);
  }

  private static String telemetry(String accessLogging) {
    return """
    apiVersion: telemetry.istio.io/v1
    kind: Telemetry
    metadata: {name: mesh, namespace: istio-system}
    spec: {accessLogging: [%s]}
    """
        .formatted(accessLogging);
  }

  private void asked(String path, String... headers) throws IOException {
    String[] lines = new String[3 + headers.length];
    lines[0] = "GET " + path + " HTTP/1.1";
    lines[1] = "host: shop.test";
    lines[2] = "connection: close";
    System.arraycopy(headers, 0, lines, 3, headers.length);
    RawHttp.exchange(port, RawHttp.lines(lines) + "\r\n");
  }

  /** All lines, once there are so many. */
  private List<String> lines(int wanted) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    List<String> lines = List.of();
    do {
      String text = Files.exists(log) ? Files.readString(log) : "";
      lines = text.lines().toList();
      if (lines.size() >= wanted && text.endsWith("\n")) {
        return lines;
      }
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    } while (System.nanoTime() < end);
    throw new AssertionError(wanted + " lines, but " + lines);
  }

  @Test
  void istiosTextFormat() throws Exception {
    gateway(RULES, entry(backend), settings("access: text"));

    asked("/a?b=c", "user-agent: curl/8", "x-request-id: 4bf92f35");

    assertThat(lines(1).get(0))
        .matches(
            "\\[20[0-9-]+T[0-9:.]+Z] \"GET /a\\?b=c HTTP/1\\.1\" 200 - via_upstream - \"-\""
                + " 0 4 [0-9]+ [0-9]+ \"127\\.0\\.0\\.1\" \"curl/8\" \"[^\"]+\" \"shop\\.test\""
                + " \"127\\.0\\.0\\.1:"
                + backend
                + "\" outbound\\|80\\|\\|backend\\.test - 127\\.0\\.0\\.1:"
                + port
                + " 127\\.0\\.0\\.1:[0-9]+ - default/rules#all");
  }

  @Test
  void aFailureOfTheProxyInText() throws Exception {
    gateway(RULES, entry(1), settings("access: text"));

    asked("/x");

    assertThat(lines(1).get(0))
        .contains(" 503 UF connect_refused - \"route default/rules#")
        .contains("endpoint 127.0.0.1:1: ")
        .doesNotContain("via_upstream");
  }

  @Test
  void aDelayOfAFaultStandsBeforeOtherFlags() throws Exception {
    admin = FreePorts.next();
    String fault = "fault: {delay: {percentage: {value: 100}, fixedDelay: 5ms}";
    gateway(
        rules(
            "{name: fine, match: [{uri: {prefix: /fine}}], "
                + fault
                + "}, route: [{destination: {host: backend.test}}]}, "
                + "{name: gone, match: [{uri: {prefix: /gone}}], "
                + fault
                + "}, route: [{destination: {host: gone.test}}]}, "
                + "{name: both, match: [{uri: {prefix: /both}}], "
                + fault
                + ", abort: {percentage: {value: 100}, httpStatus: 418}},"
                + " route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        entry(1).replace("backend", "gone"),
        settings("access: text, format: '%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS%'"));

    for (String path : List.of("/fine", "/gone", "/both")) {
      asked(path);
    }

    assertThat(lines(3)).containsExactly("/fine 200 DI", "/gone 503 DI,UF", "/both 418 DI,FI");
    assertThat(admin("/metrics"))
        .contains("response_flags=\"DI\"", "response_flags=\"DI,UF\"", "response_flags=\"DI,FI\"");
  }

  @Test
  void whatUsersOfIstioWriteMore() throws Exception {
    gateway(
        rules(
            "{name: none, match: [{uri: {prefix: /nobody}}], directResponse: {status: 204}}, "
                + "{name: all, route: [{destination: {host: backend.test}}]}"),
        entry(backend),
        settings(
            "access: text, redact: [x-secret], format: '%HOSTNAME% %DOWNSTREAM_LOCAL_PORT%"
                + " %DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%"
                + " %UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                + " %UPSTREAM_REMOTE_PORT% %REQ_WITHOUT_QUERY(:PATH)% %TRAILER(X-END)%"
                + " %TRAILER(X-SECRET)% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%"
                + " %DYNAMIC_METADATA(com.acme:key)% %START_TIME_LOCAL(%s)%'"));

    asked("/trailers/900?token=s3cret");
    asked("/nobody?a");

    List<String> lines = lines(2);
    assertThat(lines.get(0))
        .matches(
            "[^ -][^ ]* "
                + port
                + " 127\\.0\\.0\\.1 127\\.0\\.0\\.1:[0-9]+ 127\\.0\\.0\\.1:"
                + backend
                + " 127\\.0\\.0\\.1 "
                + backend
                + " /trailers/900 whole \\[redacted\\] [0-9]+ ([2-9][0-9]{2}|[0-9]{4,}) -"
                + " 1[0-9]{9}");
    assertThat(lines.get(1)).matches(".* - - - /nobody - - - - - 1[0-9]{9}");
  }

  @Test
  void whatCallersSendStaysInItsPlace() throws Exception {
    gateway(
        RULES,
        entry(backend),
        settings(
            "access: text, format: '\"%REQ(:PATH)%\" \"%REQ(X-A)%\" %REQ(X-A)% END"
                + " %RESP(X-SERVED-BY)%'"));

    asked("/a\"b", "x-a: q\" 200 forged\t\\ \u0080");
    asked("/" + "%0a%0d", "x-a: second");

    List<String> lines = lines(2);
    assertThat(lines).hasSize(2).allMatch(line -> line.matches("[ -~]+"));
    assertThat(lines.get(0))
        .startsWith("\"/a\\x22b\" \"q\\x22 200 forged\\x09\\x5C ")
        .contains(" q\\x22\\x20200\\x20forged\\x09\\x5C\\x20")
        .endsWith(" END one\\x20\\x22two\\x22");
    assertThat(lines.get(1)).isEqualTo("\"/%0a%0d\" \"second\" second END one\\x20\\x22two\\x22");
  }

  @Test
  void secretsAreRedactedThoughAFormatNamesThemUntilSomebodyWantsThem() throws Exception {
    String format = "access: text, format: '%REQ(AUTHORIZATION)% %REQ(COOKIE)% %RESP(SET-COOKIE)%'";
    gateway(RULES, entry(backend), settings(format));
    String[] secrets = {"authorization: Bearer t0ken", "cookie: a=s3cret"};
    asked("/", secrets);
    assertThat(lines(1)).containsExactly("[redacted] [redacted] [redacted]");

    write("entry2.yaml", settings(format + ", redact: [authorization]"));

    eventually(
        () -> {
          asked("/", secrets);
          return Files.readString(log).contains("s3cret");
        });
    assertThat(Files.readString(log))
        .contains("[redacted] a=s3cret s3cret")
        .doesNotContain("t0ken");
  }

  @Test
  void timesInTheFormatThatSomebodyWants() throws Exception {
    gateway(
        RULES,
        entry(backend),
        settings(
            "access: text, format: '%START_TIME(%Y-%m-%d %s.%3f)% %GRPC_STATUS_NUMBER% %REQ(:PATH)%'"));
    Instant before = Instant.now();

    asked("/a");

    String line = lines(1).get(0);
    assertThat(line).matches("20[0-9-]{8} [0-9]{10}\\.[0-9]{3} - /a");
    int second = line.indexOf(' ') + 1;
    assertThat(Long.parseLong(line.substring(second, line.indexOf('.', second))))
        .isBetween(before.getEpochSecond() - 1, before.getEpochSecond() + 60);
  }

  @Test
  void secretsInQueriesAreRedacted() throws Exception {
    gateway(RULES, entry(backend), settings("labels: {path: '%REQ(:PATH)%'}"));

    asked("/?q=1&access_token=s3cret&x=2", "referer: /");

    JsonObject line = new JsonObject(lines(1).get(0));
    assertThat(line.getString("path")).isEqualTo("/?q=1&access_token=REDACTED&x=2");
    assertThat(line.getJsonObject("labels").getString("path")).isEqualTo(line.getString("path"));
  }

  @Test
  void whatIsAskedForAsAKeyIsRedactedWhateverIsSaid() throws Exception {
    String keys = "keys: [{name: one, sha256: " + "0".repeat(64) + "}]";
    guardedGateway(
        RULES,
        entry(backend),
        settings(
            "redact: [], labels: {q: '%REQ(:PATH)%'}}, edge: {apiKeys: {query: k, " + keys + "}"));

    asked("/?k=s3cret&access_token=shown");

    assertThat(lines(1).get(0))
        .doesNotContain("s3cret")
        .contains("\"path\":\"/?access_token=shown\"", "\"status\":401");
  }

  @Test
  void furtherFieldsOfJson() throws Exception {
    gateway(
        RULES,
        entry(backend),
        settings(
            "labels: {tier: '%REQ(X-TIER)%', by: '%RESP(X-SERVED-BY)%', why: 'of %ROUTE_NAME%',"
                + " auth: '%REQ(AUTHORIZATION)%', none: '%REQ(X-NONE)%'}"));

    asked("/", "x-tier: go\"ld\",\"status\":1", "authorization: Basic x");

    JsonObject line = new JsonObject(lines(1).get(0));
    assertThat(line.getInteger("status")).isEqualTo(200);
    assertThat(line.getJsonObject("labels").getMap())
        .containsEntry("tier", "go\"ld\",\"status\":1")
        .containsEntry("by", "one \"two\"")
        .containsEntry("why", "of " + line.getString("route"))
        .containsEntry("auth", "[redacted]")
        .containsEntry("none", "-");
  }

  @Test
  void errorsAndWhatIsSlowAlone() throws Exception {
    gateway(
        RULES,
        entry(backend),
        settings("filter: \"response.code >= 500 || request.duration > duration('2s')\""));

    asked("/fine/200");
    asked("/slow/2100");
    asked("/status/503");
    asked("/status/404");
    asked("/last/500");

    assertThat(lines(3))
        .extracting(line -> new JsonObject(line).getString("path"))
        .containsExactly("/slow/2100", "/status/503", "/last/500");
  }

  @Test
  void aShareOfTheRestByLot() throws Exception {
    gateway(RULES, entry(backend), settings("filter: 'response.code == 418 || sampled(50)'"));

    for (int i = 0; i < 64; i++) {
      asked("/" + i + "/200");
    }
    asked("/last/418");

    List<String> all = until("/last/418");
    assertThat(all.size()).as("of 64 by lot, and the last").isBetween(9, 57);
  }

  private List<String> until(String path) throws Exception {
    List<String> lines = lines(1);
    while (lines.stream().noneMatch(line -> line.contains("\"" + path + "\""))) {
      lines = lines(lines.size() + 1);
    }
    return lines;
  }

  @Test
  void aFileThatIsMovedAwayIsFollowedByANewOne() throws Exception {
    admin = FreePorts.next();
    gateway(RULES, entry(backend), settings("access: json"));
    asked("/first/200");
    lines(1);
    Path moved = Files.move(log, log.resolveSibling("access.log.1"));

    asked("/second/200");

    assertThat(lines(1)).singleElement().asString().contains("\"/second/200\"");
    assertThat(Files.readString(moved)).contains("\"/first/200\"").doesNotContain("second");
    assertThat(admin("/metrics")).contains("weft_access_log_dropped_total 0.0\n");
  }

  @Test
  void telemetryFiltersAndSwitchesOffWithoutARestart() throws Exception {
    gateway(
        RULES,
        entry(backend),
        settings("access: json"),
        telemetry(
            "{providers: [{name: envoy}], match: {mode: CLIENT}, filter: {expression:"
                + " \"response.code >= 400 && request.path.startsWith('/s')\"}}, {match: {mode:"
                + " SERVER}, disabled: true}"));
    asked("/status/200");
    asked("/other/404");
    asked("/status/404");
    assertThat(lines(1)).singleElement().asString().contains("\"/status/404\"");

    write("entry3.yaml", telemetry("{match: {mode: SERVER}, disabled: true}"));
    boolean logged =
        eventually(
            () -> {
              asked("/any/200");
              return lines(1).size() > 1;
            });
    assertThat(logged).isTrue();
    assertThat(lines(2)).as("a gateway's are a client's").last().asString().contains("/any/200");

    write("entry3.yaml", telemetry("{disabled: true}"));
    write("rules.yaml", RULES.replace("5s", "6s")); // the next version
    int quiet = 0;
    for (int i = 0; i < 2000 && quiet < 20; i++) {
      int before = Files.readAllLines(log).size();
      asked("/off/200");
      await(vertx.timer(30, TimeUnit.MILLISECONDS));
      quiet = Files.readAllLines(log).size() == before ? quiet + 1 : 0;
    }
    assertThat(quiet).isEqualTo(20);
  }
}
