package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code x-weft-explain}: an answer tells why its request went where it went, to who may know. */
final class ExplainedAnswersIT extends ServersFixture {

  private static final String ASK = "x-weft-explain";
  private static final String BETA =
      "{match: [{headers: {x-user: {exact: beta}}}],"
          + " route: [{destination: {host: backend.test, subset: v2}}]}, ";
  private static final String REST =
      "{timeout: 3s, retries: {attempts: 1}, rewrite: {uri: /found},"
          + " route: [{destination: {host: backend.test, subset: v1}}]}";

  private final List<String> heard = new CopyOnWriteArrayList<>();

  private static String settings(String explain) {
    return """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec: {explain: %s}
        """
        .formatted(explain);
  }

  private int service(String... made) throws Exception {
    return backend(
        request -> {
          heard.add(request.headers().contains(ASK) ? "asked" : "not asked");
          for (String line : made) {
            request.response().putHeader(ASK, line);
          }
          request.response().end("served");
        });
  }

  private void begin(String explain, String rules, String... more) throws Exception {
    int backend = service();
    String[] all = new String[3 + more.length];
    all[0] = rules(rules);
    all[1] = entry(backend, backend);
    all[2] = settings(explain);
    System.arraycopy(more, 0, all, 3, more.length);
    guardedGateway(all);
  }

  private HttpClientResponse ask(HttpVersion version, String uri, String... headers)
      throws Exception {
    HttpClientOptions options =
        new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false);
    return await(
        client(options)
            .request(options(HttpMethod.GET, uri))
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", 80));
                  for (int i = 0; i < headers.length; i += 2) {
                    request.putHeader(headers[i], headers[i + 1]);
                  }
                  return Requests.sent(request);
                }));
  }

  private static ToldDecision told(HttpClientResponse response) {
    List<String> lines = response.headers().getAll(ASK);
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).hasSizeLessThanOrEqualTo(2048);
    return ToldDecision.of(lines.get(0));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anAnswerTellsWhyItsRequestWentThere(HttpVersion version) throws Exception {
    begin("{header: on}", BETA + REST);

    HttpClientResponse response = ask(version, "/find?q=1", ASK, "1", "x-user", "alpha");

    ToldDecision told = told(response);
    assertThat(told.hop()).isEqualTo("gateway");
    assertThat(told.facts())
        .containsEntry("config", "1")
        .containsEntry("status", "200")
        .containsEntry("route", "default/rules#1")
        .containsEntry("cluster", "outbound|80|v1|backend.test")
        .containsEntry("host", "shop.test")
        .containsEntry("path", "/found?q=1")
        .containsEntry("attempts", "1")
        .containsEntry("timeout", "3000ms")
        .containsEntry("retries", "1")
        .containsKeys("endpoint", "seed", "id", "place")
        .doesNotContainKey("differs");
    assertThat(told.rules())
        .containsExactly(
            "default/rules#0: header x-user: \"alpha\" is not \"beta\"", "default/rules#1: chosen");
    assertThat(heard).containsExactly("not asked");
  }

  @Test
  void whoDoesNotAskIsToldNothing() throws Exception {
    begin("{header: on}", REST);

    assertThat(ask(HttpVersion.HTTP_1_1, "/").headers().contains(ASK)).isFalse();
  }

  @Test
  void whereNobodyMayKnowNobodyIsToldAndTheServiceIsNotAsked() throws Exception {
    begin("{header: off}", REST);

    assertThat(ask(HttpVersion.HTTP_1_1, "/", ASK, "1").headers().contains(ASK)).isFalse();
    assertThat(heard).containsExactly("not asked");
  }

  @Test
  void whatAServiceSaysOfItselfIsNoExplanation() throws Exception {
    int backend = service("gateway; config=9; route=\"made/up#0\"");
    guardedGateway(rules(REST), entry(backend), settings("{header: on}"));

    assertThat(told(ask(HttpVersion.HTTP_1_1, "/", ASK, "1")).text("route"))
        .isEqualTo("default/rules#0");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void refusalsAreExplainedToo(HttpVersion version) throws Exception {
    begin(
        "{header: on}",
        "{match: [{uri: {prefix: /a}}], fault: {abort: {httpStatus: 418, percentage: {value: 100}}},"
            + " route: [{destination: {host: backend.test}}]},"
            + " {match: [{uri: {exact: /gone}}], redirect: {uri: /new, redirectCode: 308}},"
            + " {match: [{uri: {exact: /nobody}}], route: [{destination: {host: nobody.test}}]}",
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: closed, namespace: istio-system}
        spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}
        """);

    HttpClientResponse none = ask(version, "/", ASK, "1");
    HttpClientResponse denied = ask(version, "/admin/x", ASK, "1");
    HttpClientResponse moved = ask(version, "/gone", ASK, "1");
    HttpClientResponse aborted = ask(version, "/a", ASK, "1");
    HttpClientResponse absent = ask(version, "/nobody", ASK, "1");

    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(told(none).facts())
        .containsEntry("route", "-")
        .containsEntry("refused", "no_route")
        .containsEntry("cause", "no_route");
    assertThat(told(none).rules())
        .containsExactly(
            "default/rules#0: path: \"/\" is not \"/a...\"",
            "default/rules#1: path: \"/\" is not \"/gone\"",
            "default/rules#2: path: \"/\" is not \"/nobody\"");
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(told(denied).text("authorization"))
        .isEqualTo("denied by istio-system/closed rule 1: path /admin/x");
    assertThat(told(moved).text("redirect")).isEqualTo(moved.getHeader("location"));
    assertThat(aborted.statusCode()).isEqualTo(418);
    assertThat(told(aborted).facts()).containsEntry("abort", "418").containsEntry("attempts", "0");
    assertThat(absent.statusCode()).isEqualTo(503);
    assertThat(told(absent).facts()).containsEntry("route", "default/rules#2").containsKey("cause");
  }

  @Test
  void callsOfGrpcAreExplained() throws Exception {
    begin("{header: on}", "{match: [{uri: {exact: /pkg.Service/Call}}]," + REST.substring(1));

    HttpClientResponse refused =
        ask(HttpVersion.HTTP_2, "/other", ASK, "1", "content-type", "application/grpc");
    HttpClientResponse called =
        ask(HttpVersion.HTTP_2, "/pkg.Service/Call", ASK, "1", "content-type", "application/grpc");

    assertThat(refused.getHeader("grpc-status")).isEqualTo("12");
    assertThat(told(refused).text("cause")).isEqualTo("no_route");
    assertThat(told(called).text("cluster")).isEqualTo("outbound|80|v1|backend.test");
  }

  @Test
  void nothingThatACallerSendsEndsAStringAndSecretsStayBehind() throws Exception {
    begin(
        "{header: on}",
        "{match: [{headers: {x-user: {exact: beta}}}, {headers: {cookie: {exact: a=b}}},"
            + " {headers: {authorization: {exact: nobody}}}],"
            + " route: [{destination: {host: backend.test}}]}, "
            + REST);

    HttpClientResponse response =
        ask(
            HttpVersion.HTTP_1_1,
            "/\"%0d%0aset-cookie:%20a",
            ASK,
            "1",
            "x-user",
            "\", \\\"; config=7; \u00e9 \t" + "x".repeat(3000),
            "cookie",
            "session=hidden",
            "authorization",
            "Bearer hidden");

    ToldDecision told = told(response);
    assertThat(told.text("config")).isEqualTo("1");
    assertThat(told.rules()).hasSize(4);
    assertThat(told.rules().get(0))
        .startsWith("default/rules#0: header x-user: \"\", \\\"; config=7; ")
        .endsWith("...")
        .hasSizeLessThan(210);
    assertThat(told.rules().get(1)).contains("header cookie: \"[redacted]\" is not \"a=b\"");
    assertThat(told.rules().get(2)).contains("header authorization: \"[redacted]\"");
    assertThat(response.headers().get(ASK)).doesNotContain("hidden");
    assertThat(response.headers().contains("set-cookie")).isFalse();
  }

  @Test
  void ofManyRulesTheFirstAreToldAndTheOthersCounted() throws Exception {
    String many =
        IntStream.range(0, 1000)
            .mapToObj(
                i ->
                    "{match: [{uri: {exact: /%d}}], route: [{destination: {host: backend.test}}]}"
                        .formatted(i))
            .collect(Collectors.joining(", "));
    begin("{header: on}", many + ", " + REST);

    ToldDecision told = told(ask(HttpVersion.HTTP_1_1, "/", ASK, "1"));

    assertThat(told.text("route")).isEqualTo("default/rules#1000");
    int told1 = told.rules().size();
    assertThat(told1).isBetween(5, 64);
    assertThat(told.text("omitted")).isEqualTo(Integer.toString(1001 - told1));
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whoProvesAnIdentityThatMayKnowIsTold(HttpVersion version) throws Exception {
    gatewayOfServers(
        servers("SIMPLE"),
        rule("open", "shop.test, '*.shop.test'"),
        rule("closed", "admin.shop.test"),
        rule("plain", "plain.test"),
        secret("shown", "default"),
        secret("asking", "default"),
        settings("{allow: ['spiffe://mesh.test/ns/a/sa/ops']}"));

    assertThat(lines(version, "admin.shop.test", "ops")).hasSize(1);
    assertThat(lines(version, "admin.shop.test", "other")).isEmpty();
    assertThat(lines(version, "shop.test", "ops")).as("nobody asked for a proof").isEmpty();
    assertThat(lines(version, "", "ops")).isEmpty();
  }

  private List<String> lines(HttpVersion version, String name, String account) throws Exception {
    Optional<Leaf> caller = Optional.of(authority.good("spiffe://mesh.test/ns/a/sa/" + account));
    return await(
        connected(version, name, caller)
            .request(new RequestOptions().setURI("/"))
            .compose(
                request -> {
                  request.authority(HostAndPort.create(name.isEmpty() ? "plain.test" : name, 80));
                  request.putHeader(ASK, "1");
                  return Requests.sent(request);
                })
            .map(response -> response.headers().getAll(ASK)));
  }
}
