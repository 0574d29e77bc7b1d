package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens at a gateway whose issuer's keys come over the network, and sometimes do not. */
@Timeout(60)
final class BearersIT extends GatewayFixture {

  private static final TestKey FIRST = TestKey.ec("first", "secp256r1");
  private static final TestKey SECOND = TestKey.ed25519("second");
  private static final String CLAIMS = "{\"iss\":\"test\",\"sub\":\"alice\",\"level\":7}";
  private static final String GOOD = FIRST.token("ES256", CLAIMS);
  private static final String LATER = SECOND.token("EdDSA", CLAIMS);
  private static final String NO_KEYS =
      "Bearer error=\"invalid_token\","
          + " error_description=\"token: the keys of its issuer are not to be had\"";
  private static final String UNKNOWN_KEY =
      "Bearer error=\"invalid_token\","
          + " error_description=\"token: signed by no key of its issuer\"";

  private void begin(String rule, String... more) throws Exception {
    int backend = backend(BearersIT::echo);
    String tokens =
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: tokens, namespace: istio-system}
        spec: {jwtRules: [%s]}
        """
            .formatted(rule);
    String rules = rules("{route: [{destination: {host: backend.test}}]}");
    String[] all = new String[3 + more.length];
    all[0] = rules;
    all[1] = entry(backend);
    all[2] = tokens;
    System.arraycopy(more, 0, all, 3, more.length);
    guardedGateway(all);
  }

  /** What reaches the service of a token and of what tells of it. */
  private static void echo(HttpServerRequest request) {
    request
        .response()
        .end(
            request.uri()
                + " authorization="
                + request.getHeader("authorization")
                + " cookie="
                + request.getHeader("cookie")
                + " x-user="
                + request.headers().getAll("x-user")
                + request.headers().getAll("x_user")
                + " x-level="
                + request.getHeader("x-level"));
  }

  private static String fetched(int keys) {
    return fetched(keys, "10s"); // more than a busy machine needs
  }

  private static String fetched(int keys, String timeout) {
    return "{issuer: test, jwksUri: 'http://127.0.0.1:"
        + keys
        + "/keys', timeout: "
        + timeout
        + ", outputClaimToHeaders: [{header: x-user, claim: sub},"
        + " {header: x-level, claim: level}]}";
  }

  private HttpClientResponse asked(String uri, String... headers) throws Exception {
    RequestOptions options = options(HttpMethod.GET, uri);
    for (int i = 0; i < headers.length; i += 2) {
      options.addHeader(headers[i], headers[i + 1]);
    }
    return await(
        client(new HttpClientOptions())
            .request(options)
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", 80));
                  return Requests.sent(request);
                }));
  }

  private HttpClientResponse bearing(String token) throws Exception {
    return asked("/a", "authorization", "Bearer " + token);
  }

  private static String said(HttpClientResponse response) throws Exception {
    return response.statusCode() + " " + await(response.body());
  }

  private KeyServer keyServer(TestKey... keys) {
    KeyServer server = new KeyServer(vertx, Optional.empty());
    server.keys(keys);
    return server;
  }

  @Test
  void whoHasATokenIsKnownByItAndWhoHasNoneIsNobody() throws Exception {
    begin(fetched(await(keyServer(FIRST).port())));

    assertThat(said(bearing(GOOD)))
        .isEqualTo("200 /a authorization=null cookie=null x-user=[alice][] x-level=7");
    assertThat(said(asked("/a", "x-user", "root", "x-level", "9")))
        .as("nobody tells of himself")
        .isEqualTo("200 /a authorization=null cookie=null x-user=[][] x-level=null");
    assertThat(asked("/a", "X_User", "root").statusCode())
        .as("nor under a name that is read as that")
        .isEqualTo(400);
  }

  @Test
  void aBadTokenIs401AndSaysWhy() throws Exception {
    begin(fetched(await(keyServer(FIRST).port())));

    HttpClientResponse bad = bearing(GOOD.substring(0, GOOD.length() - 4) + "AAAA");

    assertThat(bad.statusCode()).isEqualTo(401);
    assertThat(bad.getHeader("www-authenticate"))
        .isEqualTo(
            "Bearer error=\"invalid_token\", error_description=\"token: a wrong signature\"");
    assertThat(bad.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_request_denied; cause=unauthenticated");
    assertThat(said(asked("/a?access_token=" + GOOD, "authorization", "Bearer " + GOOD)))
        .as("several")
        .startsWith("401");
    assertThat(said(asked("/a", "authorization", "Bearer " + GOOD, "authorization", "Basic YTpi")))
        .as("a token beside other credentials")
        .startsWith("400");
    assertThat(said(bearing("opaque"))).startsWith("401");
  }

  @Test
  void aTokenInTheQueryStaysHereAndInNoLog() throws Exception {
    Path log = state.resolve("access.log");
    accessLog = log.toString();
    begin(fetched(await(keyServer(FIRST).port())));

    String good = said(asked("/a?x=1&access_token=" + GOOD + "&y=2"));
    String bad = said(asked("/b?access_token=" + LATER));

    assertThat(good).startsWith("200 /a?x=1&y=2 ");
    assertThat(bad).startsWith("401");
    assertThat(eventually(() -> Files.exists(log) && Files.readString(log).contains("\"/b\"")))
        .isTrue();
    assertThat(Files.readString(log)).contains("\"/b\"", "x=1&y=2").doesNotContain(GOOD, LATER);
  }

  @Test
  void newKeysAreAskedForWhenATokenNamesOne() throws Exception {
    KeyServer keys = keyServer(FIRST);
    begin(fetched(await(keys.port())));
    assertThat(bearing(GOOD).statusCode()).isEqualTo(200);

    keys.keys(SECOND);
    int rotated = bearing(LATER).statusCode();
    int old = bearing(GOOD).statusCode();
    int before = keys.asked();
    for (int i = 0; i < 50; i++) {
      TestKey nobody = TestKey.ed25519("nobody" + i);
      assertThat(bearing(nobody.token("EdDSA", CLAIMS)).getHeader("www-authenticate"))
          .isEqualTo(UNKNOWN_KEY);
    }

    assertThat(rotated).isEqualTo(200);
    assertThat(old).as("its key was taken away").isEqualTo(401);
    assertThat(keys.asked() - before).as("fetched for strangers").isLessThanOrEqualTo(1);
  }

  @Test
  void keysThatWereGoodAreKeptWhileTheirServerIsIll() throws Exception {
    KeyServer keys = keyServer(FIRST);
    begin(fetched(await(keys.port())));
    assertThat(bearing(GOOD).statusCode()).isEqualTo(200);

    keys.says("<html>maintenance</html>");
    assertThat(bearing(LATER).statusCode()).isEqualTo(401);
    String other = FIRST.token("ES256", "{\"iss\":\"test\",\"sub\":\"bob\"}");
    assertThat(said(bearing(other))).contains("x-user=[bob]");
    await(keys.close());
    String third = FIRST.token("ES256", "{\"iss\":\"test\",\"sub\":\"carol\"}");
    assertThat(said(bearing(third))).contains("x-user=[carol]");
  }

  @Test
  void whoseKeysDoNotComeIsRefusedInTimeAndHoldsUpNobody() throws Exception {
    KeyServer keys = keyServer();
    keys.answers(request -> {});
    begin(fetched(await(keys.port()), "5s"));

    var waiting =
        client(new HttpClientOptions())
            .request(options(HttpMethod.GET, "/a").putHeader("authorization", "Bearer " + GOOD))
            .compose(Requests::sent);
    assertThat(said(asked("/a"))).startsWith("200");
    boolean waits = !waiting.isComplete();
    HttpClientResponse late = await(waiting);

    assertThat(waits).as("one is waited for, the other is not").isTrue();
    assertThat(late.statusCode()).isEqualTo(401);
    assertThat(late.getHeader("www-authenticate")).isEqualTo(NO_KEYS);
  }

  @Test
  void aServerThatComesLateIsFound() throws Exception {
    KeyServer keys = keyServer();
    keys.answers(request -> request.response().setStatusCode(500).end());
    begin(fetched(await(keys.port())));
    assertThat(bearing(GOOD).getHeader("www-authenticate")).isEqualTo(NO_KEYS);

    keys.keys(FIRST);

    assertThat(eventually(() -> bearing(GOOD).statusCode() == 200)).isTrue();
  }

  @Test
  void anAnswerThatDoesNotEndIsCutOff() throws Exception {
    KeyServer keys = keyServer();
    keys.answers(request -> request.response().end("{\"keys\":[\"" + "x".repeat(300_000) + "\"]}"));
    begin(fetched(await(keys.port())));

    assertThat(bearing(GOOD).getHeader("www-authenticate")).isEqualTo(NO_KEYS);
  }

  @Test
  void anotherAddressIsNotGoneTo() throws Exception {
    KeyServer elsewhere = keyServer(FIRST);
    int other = await(elsewhere.port());
    KeyServer keys = keyServer();
    keys.answers(
        request ->
            request
                .response()
                .setStatusCode(302)
                .putHeader("location", "http://127.0.0.1:" + other + "/keys")
                .end());
    begin(fetched(await(keys.port())));

    assertThat(bearing(GOOD).statusCode()).isEqualTo(401);
    assertThat(elsewhere.asked()).isZero();
  }

  @Test
  void anIssuerTellsWhereItsKeysAreOverVerifiedTls() throws Exception {
    TestCertificates authority = new TestCertificates(Instant.now());
    KeyServer server = new KeyServer(vertx, Optional.of(authority.ofAddress("127.0.0.1")));
    String issuer = "https://127.0.0.1:" + await(server.port());
    server.answers(
        request ->
            request
                .response()
                .end(
                    request.path().equals("/.well-known/openid-configuration")
                        ? "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + issuer + "/k\"}"
                        : TestKey.set(FIRST)));
    Path roots = Files.writeString(state.resolve("roots.pem"), authority.rootPem());
    flags.addAll(List.of("--jwks-roots", roots.toString()));
    String token = FIRST.token("ES256", "{\"iss\":\"" + issuer + "\",\"sub\":\"alice\"}");

    begin("{issuer: '" + issuer + "', timeout: 5s}");

    assertThat(bearing(token).statusCode()).isEqualTo(200);
    int asked = server.asked();
    flags.clear();
    restart();
    assertThat(bearing(token).getHeader("www-authenticate"))
        .as("of a server that nobody vouches for")
        .isEqualTo(NO_KEYS);
    assertThat(server.asked()).as("requests over TLS that was not verified").isEqualTo(asked);
  }

  @Test
  void policiesGoByWhatTokensSay() throws Exception {
    begin(
        fetched(await(keyServer(FIRST).port())),
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: istio-system}
        spec:
          rules:
          - from: [{source: {requestPrincipals: [test/alice]}}]
            when: [{key: "request.auth.claims[level]", values: ["7"]}]
        """);
    String bob = FIRST.token("ES256", "{\"iss\":\"test\",\"sub\":\"bob\",\"level\":7}");
    String low = FIRST.token("ES256", "{\"iss\":\"test\",\"sub\":\"alice\",\"level\":1}");

    assertThat(said(bearing(GOOD))).startsWith("200");
    assertThat(said(bearing(bob))).isEqualTo("403 RBAC: access denied");
    assertThat(said(bearing(low))).isEqualTo("403 RBAC: access denied");
    assertThat(said(asked("/a"))).isEqualTo("403 RBAC: access denied");
    assertThat(said(bearing(LATER))).startsWith("401");
  }
}
