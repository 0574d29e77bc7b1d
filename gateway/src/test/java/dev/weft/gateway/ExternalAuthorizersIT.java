package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An authorizer over HTTP that allows, denies, fails, and says what it may not. */
@Timeout(60)
final class ExternalAuthorizersIT extends AuthorizersFixture {

  private static final String HTTP =
      "envoyExtAuthzHttp: {service: auth/authorizer.test, port: 9000, timeout: 5s,"
          + " pathPrefix: /check, includeRequestHeadersInCheck: [x-let*, cookie],"
          + " includeAdditionalHeadersInCheck: {x-gateway: edge},"
          + " headersToUpstreamOnAllow: [x-user, x-role, x-weft-*, x-forwarded-*, host],"
          + " headersToDownstreamOnAllow: [x-session, content-length]%s}";
  private static final String BODY =
      ", includeRequestBodyInCheck: {maxRequestBytes: 10000, allowPartialMessage: %s}";

  private static final Iterable<String> COOKIES = List.of("a=1", "b=2");
  private static final Iterable<String> SESSIONS = List.of("s1", "s2");

  private final AtomicInteger checks = new AtomicInteger();
  private final CountDownLatch silent = new CountDownLatch(1);
  private final CountDownLatch left = new CountDownLatch(1);

  /** Does what the path says. */
  private void decide(HttpServerRequest request) {
    checks.incrementAndGet();
    HttpServerResponse response = request.response();
    String word = request.path().substring(request.path().lastIndexOf('/') + 1);
    response.putHeader("x-word", word).putHeader("x-weft-peer", "forged");
    switch (word) {
      case "deny" ->
          response
              .setStatusCode(403)
              .putHeader("www-authenticate", "Basic realm=x")
              .putHeader("set-cookie", COOKIES)
              .end("not you");
      case "login" -> response.setStatusCode(302).putHeader("location", "https://login/").end();
      case "who" -> response.setStatusCode(401).end("who?");
      case "created" -> response.setStatusCode(201).end("not allowed");
      case "nothing" -> response.setStatusCode(204).end();
      case "broken" -> response.setStatusCode(500).end("allowed");
      case "busy" -> response.setStatusCode(503).end();
      case "long" -> response.setStatusCode(403).end("x".repeat(100_000));
      case "cut" -> request.connection().close();
      case "silent" -> {
        response.closeHandler(closed -> left.countDown());
        request.connection().closeHandler(closed -> left.countDown());
        silent.countDown();
      }
      case "stuck" -> response.setChunked(true).write("half of an answer");
      case "banned" -> response.putHeader("x-role", "banned").end();
      case "saw" ->
          response.setStatusCode(418).end(seen(request)); // what it got is what its caller gets
      case "body" ->
          request
              .body()
              .onSuccess(
                  body ->
                      response
                          .putHeader(
                              "x-user",
                              body.length()
                                  + "/"
                                  + sum(body)
                                  + "/"
                                  + request.getHeader("x-envoy-auth-partial-body"))
                          .end());
      default ->
          response
              .putHeader("x-user", "alice")
              .putHeader("x-session", SESSIONS)
              .putHeader("x-forwarded-client-cert", "forged")
              .putHeader("x-forwarded-for", "192.0.2.66")
              .end("for nobody");
    }
  }

  private static String seen(HttpServerRequest request) {
    return request.method()
        + " "
        + request.uri()
        + " host="
        + request.getHeader("host")
        + " authorization="
        + request.getHeader("authorization")
        + " cookie="
        + request.getHeader("cookie")
        + " x-letter="
        + request.getHeader("x-letter")
        + " x-other="
        + request.getHeader("x-other")
        + " x-gateway="
        + request.getHeader("x-gateway")
        + " length="
        + request.getHeader("content-length");
  }

  private void begin(String more) throws Exception {
    begin(HTTP.formatted(more), backend(this::decide));
  }

  @Test
  void itsWordCountsBeforeAllPolicies() throws Exception {
    begin("");
    String denied = "403 RBAC: access denied";
    String[][] cases = {
      {"/free", "200 GET /free user=[] token=[] peer=null cert=null body=0/0", "0"},
      {"/free/forbidden", denied, "0"},
      {"/free/unlisted", denied, "0"},
      {"/ask/ok", "200 GET /ask/ok user=[alice] token=[] peer=null cert=null body=0/0", "1"},
      {
        "/ask/ok?q=1", "200 GET /ask/ok?q=1 user=[alice] token=[] peer=null cert=null body=0/0", "1"
      },
      {"/ask/forbidden", denied, "1"},
      {"/ask/unlisted", denied, "1"},
      {"/ask/banned", denied, "1"},
      {"/ask/deny", "403 not you", "1"},
      {"/ask/login", "302 ", "1"},
      {"/ask/who", "401 who?", "1"},
      {"/ask/created", "201 not allowed", "1"},
      {"/ask/nothing", "403 ", "1"},
      {"/ask/broken", "403 ", "1"},
      {"/ask/busy", "403 ", "1"},
      {"/ask/long", "403 ", "1"},
      {"/ask//ok", "200 GET /ask/ok user=[alice] token=[] peer=null cert=null body=0/0", "1"},
      {"/x/../ask/deny", "403 not you", "1"},
      {"/ask%2Fok", "200 GET /ask%2Fok user=[alice] token=[] peer=null cert=null body=0/0", "1"},
      {"/%61sk/deny", "403 not you", "1"},
      {"/ask;x=1/deny", "403 not you", "1"},
    };
    for (String[] one : cases) {
      int before = checks.get();
      assertThat(said(one[0])).as(one[0]).isEqualTo(one[1]);
      assertThat(checks.get() - before)
          .as("checks of " + one[0])
          .isEqualTo(Integer.parseInt(one[2]));
    }
  }

  @Test
  void whatDoesNotAnswerRefusesWithinItsTime() throws Exception {
    begin(HTTP.formatted(", statusOnError: 503").replace("5s", "500ms"), backend(this::decide));

    for (String word : List.of("silent", "cut", "broken", "stuck")) {
      long began = System.nanoTime();
      HttpClientResponse response = asked("/ask/" + word);
      assertThat(said(response)).as(word).isEqualTo("503 ");
      assertThat(response.getHeader("proxy-status"))
          .as(word)
          .isEqualTo("weft; error=destination_unavailable; cause=authorizer_failed");
      assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
          .as(word)
          .isLessThan(5000);
    }
    assertThat(reached.get()).isZero();
  }

  @Test
  void whereNobodyListensItIsClosedUnlessTheProviderSaysOpen() throws Exception {
    begin(HTTP.formatted(""), 1);

    assertThat(said("/ask/ok")).isEqualTo("403 ");
    assertThat(said("/free")).startsWith("200 ");

    write("entry3.yaml", provider(HTTP.formatted(", failOpen: true")));
    assertThat(comes("/ask/ok", "200 GET /ask/ok user=[]")).isTrue();
    assertThat(said("/ask/forbidden")).as("DENY still counts").startsWith("403 RBAC");
  }

  /** Who fills the connections that there may be to an authorizer only keeps others from it. */
  @Test
  void failOpenLetsNobodyInWhoWaitedBehindOthersForAConnection() throws Exception {
    write(
        "limit.yaml",
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: one, namespace: auth}
        spec: {host: authorizer.test, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}
        """);
    begin(HTTP.replace("5s", "1s").formatted(", failOpen: true"), backend(this::decide));
    assertThat(said("/ask/ok")).startsWith("200 "); // the connection is there
    int asked = checks.get();
    int let = reached.get();
    HttpClient many = kept(vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(20)));
    List<Future<HttpClientResponse>> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(request(many, HttpMethod.GET, "/ask/silent", Buffer.buffer()));
    }

    await(Future.join(all));

    long refused = all.stream().filter(one -> one.result().statusCode() == 503).count();
    assertThat(reached.get() - let).as("of those asked").isLessThanOrEqualTo(checks.get() - asked);
    assertThat(refused).isEqualTo(12 - (reached.get() - let)).isPositive();
  }

  @Test
  void whereItLetsInForNoAnswerNobodySaysWhatOnlyTheAuthorizerMaySay() throws Exception {
    begin(HTTP.formatted(", failOpen: true"), 1);

    assertThat(said("/ask/ok", "x-user", "mallory")).contains("200 GET /ask/ok user=[]");
    assertThat(said("/free", "x-user", "mallory")).contains("user=[mallory]");
  }

  @Test
  void anotherProviderHoldsAtOnceAndNoneDenies() throws Exception {
    begin(HTTP.formatted(""), backend(this::decide));
    int other = backend(request -> request.response().setStatusCode(403).end("other"));
    assertThat(said("/ask/ok")).startsWith("200 ");

    write("entry4.yaml", authorizer(other));
    assertThat(comes("/ask/ok", "403 other")).isTrue();
    write("entry3.yaml", provider(HTTP.formatted("")).replace("name: sample", "name: renamed"));
    assertThat(comes("/ask/ok", "403 RBAC: access denied")).isTrue();
    assertThat(said("/free")).startsWith("200 ");
  }

  private boolean comes(String uri, String wanted) throws Exception {
    return eventually(() -> said(uri).startsWith(wanted));
  }

  @Test
  void aDenialIsTheAuthorizersOwnAnswer() throws Exception {
    begin("");

    HttpClientResponse all = asked("/ask/deny");
    assertThat(all.getHeader("www-authenticate")).isEqualTo("Basic realm=x");
    assertThat(all.headers().getAll("set-cookie")).containsExactly("a=1", "b=2");
    assertThat(all.getHeader("x-word")).isEqualTo("deny");
    assertThat(all.getHeader("x-weft-peer")).isNull();
    assertThat(all.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_request_denied; cause=externally_denied");
    assertThat(asked("/ask/login").getHeader("location")).isEqualTo("https://login/");

    write("entry3.yaml", provider(HTTP.formatted(", headersToDownstreamOnDeny: [x-reason]")));
    assertThat(eventually(() -> asked("/ask/deny").getHeader("x-word") == null)).isTrue();
    HttpClientResponse some = asked("/ask/deny");
    assertThat(some.getHeader("set-cookie")).isNull();
    assertThat(some.getHeader("www-authenticate")).isEqualTo("Basic realm=x");
  }

  @Test
  void itGetsWhatItIsMeantToGetAndNoMore() throws Exception {
    begin("");

    String saw =
        said(
            "/ask/saw?a=b",
            "authorization",
            "Bearer t",
            "cookie",
            "c=1",
            "x-letter",
            "l",
            "x-other",
            "o",
            "x-gateway",
            "mine");

    assertThat(saw)
        .isEqualTo(
            "418 GET /check/ask/saw?a=b host=shop.test authorization=Bearer t cookie=c=1"
                + " x-letter=l x-other=null x-gateway=edge length=null");
    assertThat(said(asked(HttpMethod.POST, "/ask/saw", Buffer.buffer("12345"))))
        .as("no body without includeRequestBodyInCheck")
        .startsWith("418 POST /check/ask/saw ")
        .endsWith("length=0");
  }

  @Test
  void itsHeadersReachTheServiceAndTheCaller() throws Exception {
    begin("");

    HttpClientResponse response = asked("/ask/ok", "x-user", "mallory", "x-token", "kept");

    assertThat(said(response))
        .isEqualTo("200 GET /ask/ok user=[alice] token=[kept] peer=null cert=null body=0/0");
    assertThat(response.headers().getAll("x-session")).containsExactly("s1", "s2");
    assertThat(response.getHeader("x-from")).isEqualTo("service");
    assertThat(said("/ask/silent-not", "x-user", "mallory")).contains("user=[alice]");
  }

  @Test
  void aCallOfGrpcIsToldByItsStatus() throws Exception {
    begin("");

    for (String word : List.of("deny", "who", "broken")) {
      HttpClientResponse response = asked("/ask/" + word, "content-type", "application/grpc");
      assertThat(response.statusCode()).as(word).isEqualTo(200);
      assertThat(response.getHeader("grpc-status"))
          .as(word)
          .isEqualTo(word.equals("who") ? "16" : "7");
    }
  }

  @Test
  void whoeverGoesAwayEndsHisCheck() throws Exception {
    begin(HTTP.formatted("").replace("5s", "60s"), backend(this::decide));
    try (RawHttp raw = new RawHttp(port)) {
      raw.send("GET /ask/silent HTTP/1.1\r\nHost: shop.test\r\n\r\n");
      assertThat(silent.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(reached.get()).isZero();
  }

  @Test
  void aBodyIsShownUpToItsBoundAndGoesOnWhole() throws Exception {
    begin(BODY.formatted(true));
    List<Integer> sizes = List.of(0, 1, 9_999, 10_000, 10_001, 65_536, 3_000_000);
    List<String> wrong = new ArrayList<>();
    for (int size : sizes) {
      Buffer body = body(size);
      Buffer shown = body.slice(0, Math.min(size, 10_000));
      String got = said(asked(HttpMethod.POST, "/ask/body", body));
      String told = shown.length() + "/" + sum(shown) + "/" + (size > 10_000);
      String wanted =
          "200 POST /ask/body user=["
              + told
              + "] token=[] peer=null cert=null body="
              + size
              + "/"
              + sum(body);
      if (!got.equals(wanted)) {
        wrong.add(size + ": " + got + " instead of " + wanted);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(checks.get()).isEqualTo(sizes.size());
  }

  @Test
  void aBodyThatIsTooLongToBeShownWholeIsRefused() throws Exception {
    begin(BODY.formatted(false));

    assertThat(said(asked(HttpMethod.POST, "/ask/body", body(10_000)))).startsWith("200 ");
    assertThat(asked(HttpMethod.POST, "/ask/body", body(10_001)).statusCode()).isEqualTo(413);
    assertThat(asked(HttpMethod.POST, "/free", body(10_001)).statusCode()).isEqualTo(200);
    assertThat(checks.get()).isEqualTo(1);
    try (RawHttp raw = new RawHttp(port)) {
      raw.send("POST /ask/body HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n");
      raw.send("2711\r\n" + "x".repeat(10_001) + "\r\n"); // one more than may be, and no end
      assertThat(raw.head()).startsWith("HTTP/1.1 413");
    }
    assertThat(checks.get()).isEqualTo(1);
  }

  private static Buffer body(int size) {
    Buffer body = Buffer.buffer(size);
    for (int i = 0; i < size; i++) {
      body.appendByte((byte) ('a' + i % 23));
    }
    return body;
  }
}
