package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code /why}: what was decided about a request that came, decided again. */
@Timeout(60)
final class ReplayedDecisionsIT extends GatewayFixture {

  private static final String BETA =
      "{match: [{headers: {x-user: {exact: beta}}}],"
          + " route: [{destination: {host: backend.test, subset: v2}}]}, ";
  private static final String SHARED =
      "{route: [{destination: {host: backend.test, subset: v1}, weight: 50},"
          + " {destination: {host: backend.test, subset: v2}, weight: 50}]}";
  private static final String CLOSED =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: closed, namespace: istio-system}
      spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}
      """;

  private Path log;

  private void begin() throws Exception {
    log = state.resolve("access.log");
    accessLog = log.toString();
    admin = FreePorts.next();
    int first = backend(request -> request.response().end(request.getHeader("x-request-id")));
    int second = backend(request -> request.response().end(request.getHeader("x-request-id")));
    guardedGateway(rules(BETA + SHARED), entry(first, second), CLOSED);
  }

  private HttpClientResponse ask(String uri, String... headers) throws Exception {
    RequestOptions options = options(HttpMethod.GET, uri);
    for (int i = 0; i < headers.length; i += 2) {
      options.putHeader(headers[i], headers[i + 1]);
    }
    return await(client(new HttpClientOptions()).request(options).compose(Requests::sent));
  }

  private String id(String uri, String... headers) throws Exception {
    return await(ask(uri, headers).body()).toString();
  }

  private JsonObject why(String query) throws Exception {
    return new JsonObject(admin("/why?" + query));
  }

  /** The line of the last request, once it is written. */
  private JsonObject line(int count) throws Exception {
    for (int i = 0; i < 500; i++) {
      List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
      if (lines.size() == count) {
        return new JsonObject(lines.get(count - 1));
      }
      LockSupport.parkNanos(10_000_000);
    }
    throw new AssertionError("there is no line");
  }

  private static String encoded(JsonObject line) {
    return "line=" + URLEncoder.encode(line.encode(), StandardCharsets.UTF_8);
  }

  @Test
  void theDrawOfEachRequestIsDrawnAgain() throws Exception {
    begin();
    Set<String> drawn = new HashSet<>();

    for (int i = 1; i <= 20; i++) {
      String id = id("/find?q=" + i);
      JsonObject line = line(i);
      JsonObject again = why("id=" + id);

      assertThat(again.getBoolean("same")).as(again::encode).isTrue();
      assertThat(again.getString("drawn")).isEqualTo(line.getString("cluster"));
      assertThat(again.getString("url")).isEqualTo("http://shop.test/find?q=" + i);
      drawn.add(again.getString("drawn"));
    }

    assertThat(drawn).hasSize(2);
  }

  @Test
  void itIsDecidedByTheVersionThatServedIt() throws Exception {
    begin();
    String id = id("/");
    line(1);

    write("rules.yaml", rules("{directResponse: {status: 204}}"));
    for (int i = 0; i < 2000 && ask("/").statusCode() != 204; i++) {
      LockSupport.parkNanos(1_000_000);
    }
    JsonObject again = why("id=" + id);

    assertThat(again.getBoolean("same")).as(again::encode).isTrue();
    assertThat(again.getString("route")).isEqualTo("default/rules#1");
    assertThat(again.getJsonObject("logged").getString("config")).isEqualTo("1");
  }

  @Test
  void refusalsAreDecidedAgainToo() throws Exception {
    begin();
    ask("/admin/x");
    JsonObject denied = why("id=" + line(1).getString("request_id"));

    assertThat(denied.getBoolean("same")).as(denied::encode).isTrue();
    assertThat(denied.getJsonObject("admission").getBoolean("allowed")).isFalse();
    assertThat(admin("/why?output=text&id=" + line(1).getString("request_id")))
        .contains("403 denied by istio-system/closed rule 1")
        .contains("logged: route -, cluster -, endpoint -, status 403, configuration 1")
        .contains("the same is decided again");
  }

  @Test
  void faultsAndCopiesAreDrawnAgainToo() throws Exception {
    begin();
    write(
        "rules.yaml",
        rules(
            "{fault: {abort: {percentage: {value: 50}, httpStatus: 503},"
                + " delay: {percentage: {value: 50}, fixedDelay: 3ms}},"
                + " mirrors: [{destination: {host: backend.test, subset: v2},"
                + " percentage: {value: 50}}],"
                + " route: [{destination: {host: backend.test, subset: v1}}]}"));
    later("/");
    Set<String> kinds = new HashSet<>();
    JsonObject aborted = new JsonObject();

    for (int i = 0; i < 40; i++) {
      String path = "/faulty" + i;
      int status = ask(path).statusCode();
      JsonObject line = lineOf(path);
      JsonObject kept = why("id=" + line.getString("request_id"));
      JsonObject read = why(encoded(line));
      JsonObject fault = kept.getJsonObject("drawn_fault", new JsonObject());

      assertThat(kept.getBoolean("same")).as(kept::encode).isTrue();
      assertThat(read.getBoolean("same")).as(read::encode).isTrue();
      assertThat(fault.getInteger("abort_status", 200)).isEqualTo(status);
      assertThat(kept.getJsonObject("logged").getString("cause", "none"))
          .isEqualTo(status == 503 ? "fault_injected" : "none");
      assertThat(line.getDouble("duration_ms"))
          .isGreaterThanOrEqualTo(fault.getInteger("delay_ms", 0));
      aborted = status == 503 ? line : aborted;
      kinds.add(fault.containsKey("abort_status") + " " + fault.containsKey("delay_ms"));
      kinds.add("copied " + kept.containsKey("drawn_mirrors"));
    }
    String text = admin("/why?output=text&id=" + aborted.getString("request_id"));
    aborted.remove("cause");

    assertThat(kinds).hasSize(6);
    assertThat(text)
        .contains("drawn: its fault, refused with 503")
        .contains("cause: fault_injected, route default/rules#0: its fault says abort");
    assertThat(why(encoded(aborted)).getBoolean("same")).as("it was not aborted").isFalse();
  }

  private JsonObject lineOf(String path) throws Exception {
    String id = last(path);
    return Files.readAllLines(log).stream()
        .map(JsonObject::new)
        .filter(one -> id.equals(one.getString("request_id")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void keysAreOnNoPage() throws Exception {
    begin();
    write(
        "rules.yaml",
        rules(
            "{match: [{headers: {x-key: {exact: a}}}, {headers: {x-secret: {exact: b}}}],"
                + " route: [{destination: {host: backend.test, subset: v1}}]},"
                + " {directResponse: {status: 204}}"));
    write( // last: where it holds, the rules do
        "settings.yaml",
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          edge: {apiKeys: {header: x-key, keys: [{name: a, sha256: %s}]}}
          log: {redact: [x-secret]}
        """
            .formatted("0".repeat(64)));
    for (int i = 0; i < 2000 && ask("/").statusCode() != 401; i++) {
      LockSupport.parkNanos(1_000_000);
    }

    ask("/last?x-secret=hidden&q=1", "x-key", "hidden", "x-secret", "hidden");
    JsonObject again = why("id=" + last("/last?x-secret=REDACTED&q=1"));

    assertThat(again.encode())
        .doesNotContain("hidden")
        .contains("header x-key: [redacted]", "header x-secret: [redacted]")
        .contains("/last?x-secret=REDACTED&q=1");
  }

  @Test
  void aParameterThatItsLineHidesIsNotKnown() throws Exception {
    begin();
    write(
        "rules.yaml",
        rules(
            "{match: [{queryParams: {token: {exact: a}}}], directResponse: {status: 204}},"
                + " {directResponse: {status: 201}}"));
    for (int i = 0; i < 2000 && ask("/?token=a").statusCode() != 204; i++) {
      LockSupport.parkNanos(1_000_000);
    }

    ask("/mine?token=a");
    JsonObject line = lineOf("/mine?token=REDACTED");

    assertThat(why("id=" + line.getString("request_id")).getBoolean("same")).isTrue();
    JsonObject again = why(encoded(line));
    assertThat(again.getJsonArray("unknown").encode()).isEqualTo("[\"query token\"]");
    assertThat(again.containsKey("same")).as(again::encode).isFalse();
  }

  /** The id of the request for that path, once its line is written. */
  private String last(String path) throws Exception {
    for (int i = 0; i < 500; i++) {
      for (String line : Files.readAllLines(log)) {
        JsonObject entry = new JsonObject(line);
        if (entry.getString("path").equals(path)) {
          return entry.getString("request_id");
        }
      }
      LockSupport.parkNanos(10_000_000);
    }
    throw new AssertionError("there is no line of " + path);
  }

  @Test
  void whatALineDoesNotHaveIsToldAndNotGuessed() throws Exception {
    begin();
    ask("/", "x-user", "beta");
    JsonObject line = line(1);

    JsonObject without = why(encoded(line));
    JsonObject with = why(encoded(line) + "&header=x-user:beta");

    assertThat(without.containsKey("same")).isFalse();
    assertThat(without.getJsonArray("unknown")).isEqualTo(new JsonArray().add("header x-user"));
    assertThat(without.getString("unsettled")).contains("-H 'NAME: VALUE'");
    assertThat(with.getBoolean("same")).as(with::encode).isTrue();
    assertThat(with.getString("route")).isEqualTo("default/rules#0");
  }

  @Test
  void aLineThatFitsIsTheSame() throws Exception {
    begin();
    ask("/find");
    JsonObject line = line(1);

    assertThat(why(encoded(line)).getBoolean("same")).isTrue();
    assertThat(why(encoded(line.put("seed", other(line)))).getString("unsettled")).isNotEmpty();
  }

  /** Until {@code path} goes by a version of the configuration after the first. */
  private JsonObject later(String path, String... headers) throws Exception {
    for (int i = 1; i < 2000; i++) {
      ask(path, headers);
      JsonObject line = line(i);
      if (!line.getString("config").equals("1")) {
        return line;
      }
    }
    throw new AssertionError("the first version serves on");
  }

  @Test
  void aLineKnowsThePortThatRulesLookAt() throws Exception {
    begin();
    String elsewhere = "{match: [{port: 1}], directResponse: {status: 204}}, ";
    String here =
        "{match: [{port: "
            + port
            + "}], route: [{destination: {host: backend.test, subset: v2}}]}, ";
    write("rules.yaml", rules(elsewhere + here + SHARED));
    JsonObject line = later("/find");

    JsonObject again = why(encoded(line));

    assertThat(line.getInteger("port")).isEqualTo(port);
    assertThat(again.getBoolean("same")).as(again::encode).isTrue();
    assertThat(again.getString("route")).isEqualTo("default/rules#1");
    assertThat(again.containsKey("unknown")).isFalse();
    line.remove("port"); // as an older version wrote it
    assertThat(why(encoded(line)).getJsonArray("unknown")).isEqualTo(new JsonArray().add("port"));
  }

  @Test
  void claimsOfATokenAreOnNoLineAndThatIsSaid() throws Exception {
    log = state.resolve("access.log");
    accessLog = log.toString();
    admin = FreePorts.next();
    port = FreePorts.next();
    int first = backend(request -> request.response().end("1"));
    int second = backend(request -> request.response().end("2"));
    gatewayOfServers(
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %d, name: http, protocol: HTTP}
            bind: 127.0.0.1
            hosts: [shop.test]
        """
            .formatted(port),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: rules}
        spec:
          hosts: [shop.test]
          gateways: [edge]
          http:
          - match: [{headers: {"@request.auth.claims.group": {exact: beta}}}]
            route: [{destination: {host: backend.test, subset: v2}}]
          - route:
            - {destination: {host: backend.test, subset: v1}, weight: 50}
            - {destination: {host: backend.test, subset: v2}, weight: 50}
        """,
        entry(first, second));
    ask("/find");
    JsonObject line = line(1);

    JsonObject whole = why("id=" + line.getString("request_id"));
    JsonObject part = why(encoded(line));
    JsonObject other = why(encoded(line.copy().put("seed", other(line))));

    assertThat(whole.getBoolean("same")).as(whole::encode).isTrue();
    assertThat(whole.containsKey("unknown")).isFalse();
    assertThat(part.getJsonArray("unknown")).isEqualTo(new JsonArray().add("claim group"));
    assertThat(other.getString("unsettled")).contains("a token's claims are on no line");
  }

  /** A seed by which another version is drawn. */
  private String other(JsonObject line) throws Exception {
    for (long seed = 0; seed < 1000; seed++) {
      String hex = "%016x".formatted(seed);
      JsonObject again = why(encoded(line.copy().put("seed", hex)));
      if (!again.getString("drawn").equals(line.getString("cluster"))) {
        return hex;
      }
    }
    throw new AssertionError("all seeds draw the same");
  }

  @Test
  void whatIsNotKnownAnyMoreIsNotMadeUp() throws Exception {
    begin();
    ask("/");
    JsonObject line = line(1);

    assertThat(why("id=nobody").getString("error"))
        .isEqualTo(
            "no request nobody among the last 1 (weft why --log FILE replays an older one from its"
                + " line in the access log)");
    assertThat(why(encoded(line.copy().put("config", "77"))).getString("error"))
        .startsWith("version 77 of the configuration, which served it, is not kept");
    assertThat(why(encoded(line.copy().put("time", "2020-01-01T00:00:00Z"))).getString("error"))
        .startsWith("it came before version 1 of this run served (");
    line.remove("seed");
    assertThat(why(encoded(line)).getString("error")).startsWith("line: seed is missing");
    assertThat(why("line=%7B").getString("error")).startsWith("line: no JSON");
    assertThat(why("").getString("error")).startsWith("id: missing");
  }
}
