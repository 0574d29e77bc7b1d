package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.RawHttp;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code ProxySettings} in a folder: what they limit, and that an edit of them holds at once. */
final class ProxySettingsIT extends GatewayFixture {

  private static final String RULE =
      rules("{route: [{destination: {host: backend.test, subset: v1}}]}");

  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicLong took = new AtomicLong();

  private void serving(String spec) throws Exception {
    int backend =
        backend(
            request -> {
              begun.incrementAndGet();
              request.handler(bytes -> took.addAndGet(bytes.length()));
              request.endHandler(end -> request.response().end("taken"));
            });
    gateway(RULE, entry(backend), settings(spec));
  }

  private static String settings(String spec) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default}
    spec: %s
    """
        .formatted(spec);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aBodyThatIsAnnouncedTooLongIsRefusedBeforeTheServiceSeesIt(HttpVersion version)
      throws Exception {
    Path log = state.resolve("access.log");
    accessLog = log.toString();
    serving("{limits: {bodyBytes: 1000}}");

    HttpClientResponse fits =
        await(request(version, HttpMethod.POST, "/", Buffer.buffer(text(1000))));
    HttpClientResponse refused =
        await(request(version, HttpMethod.POST, "/", Buffer.buffer(text(1001))));

    assertThat(fits.statusCode()).isEqualTo(200);
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_request_error; cause=body_too_large");
    assertThat(begun).hasValue(1);
    assertThat(logged(log, "\"status\":413")).contains("body_too_large");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aBodyThatTurnsOutTooLongIsCut(HttpVersion version) throws Exception {
    serving("{limits: {bodyBytes: 100000}}");
    HttpClient client =
        client(new HttpClientOptions().setProtocolVersion(version).setHttp2ClearTextUpgrade(false));

    Future<HttpClientResponse> response =
        client
            .request(options(HttpMethod.POST, "/"))
            .compose(
                request -> {
                  request.authority(HostAndPort.create("shop.test", 80));
                  request.setChunked(true);
                  request.response().onSuccess(HttpClientResponse::body);
                  request.exceptionHandler(cut -> {}); // the answer is what counts
                  for (int i = 0; i < 11; i++) {
                    request.write(Buffer.buffer(text(10_000)));
                  }
                  return request.response(); // and never ends
                });

    assertThat(await(response).statusCode()).isEqualTo(413);
    assertThat(took.get()).isLessThanOrEqualTo(100_000);
  }

  @Test
  void anEditOfALimitHoldsOnConnectionsThatAreOpen() throws Exception {
    serving("{limits: {bodyBytes: 10}}");
    HttpClient client = client(new HttpClientOptions());
    assertThat(posted(client, 11)).isEqualTo(413);

    write("entry2.yaml", settings("{limits: {bodyBytes: 20}}"));

    assertThat(eventually(() -> posted(client, 11) == 200)).isTrue();
    assertThat(posted(client, 21)).isEqualTo(413);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aTargetThatIsTooLongIsRefusedBeforeTheServiceSeesIt(HttpVersion version) throws Exception {
    serving("{limits: {urlBytes: 256}}");

    HttpClientResponse fits =
        await(request(version, HttpMethod.GET, "/" + text(200), Buffer.buffer()));
    HttpClientResponse refused =
        await(request(version, HttpMethod.GET, "/" + text(256), Buffer.buffer()));

    assertThat(fits.statusCode()).isEqualTo(200);
    assertThat(refused.statusCode()).isEqualTo(414);
    assertThat(begun).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aHeadThatIsTooLargeIsRefusedBeforeTheServiceSeesIt(HttpVersion version) throws Exception {
    serving("{limits: {headerBytes: 2048}}");

    String fits = answerTo(version, 10);
    String refused = answerTo(version, 20);

    assertThat(fits).contains("200");
    assertThat(refused).contains("431");
    assertThat(begun).hasValue(1);
  }

  /**
   * The answer's head to one with so many fields of 100 letters, of a client that sends anything.
   */
  private String answerTo(HttpVersion version, int fields) throws Exception {
    if (version == HttpVersion.HTTP_1_1) {
      String large = ("x-one: " + text(100) + "\r\n").repeat(fields);
      String head = "GET / HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n" + large;
      return RawHttp.exchange(port, head + "\r\n").lines().findFirst().orElse("nothing");
    }
    List<String> head = new ArrayList<>(List.of(":method", "GET", ":scheme", "http"));
    head.addAll(List.of(":path", "/", ":authority", "shop.test"));
    for (int i = 0; i < fields; i++) {
      head.addAll(List.of("x-one", text(100)));
    }
    try (RawHttp2 client = new RawHttp2(port)) {
      client.headers(1, true, head.toArray(String[]::new));
      return client.next().text();
    }
  }

  @Test
  void moreConnectionsThanTheLimitAreClosedAtOnce() throws Exception {
    serving("{limits: {connections: 2}}");
    assertThat(posted(client(new HttpClientOptions()), 1)).isEqualTo(200);
    assertThat(posted(client(new HttpClientOptions()), 1)).isEqualTo(200);

    Future<HttpClientResponse> third =
        request(client(new HttpClientOptions()), HttpMethod.GET, "/", Buffer.buffer());

    assertThat(failure(third)).isNotNull();
    assertThat(begun).hasValue(2);
  }

  @Test
  void theAccessLogIsSwitchedOffAndOn() throws Exception {
    Path log = state.resolve("access.log");
    accessLog = log.toString();
    serving("{log: {access: off}}");
    HttpClient client = client(new HttpClientOptions());
    await(request(client, HttpMethod.GET, "/first", Buffer.buffer()));

    write("entry2.yaml", settings("{limits: {bodyBytes: 10}}"));

    assertThat(eventually(() -> posted(client, 11) == 413)).isTrue();
    await(request(client, HttpMethod.GET, "/second", Buffer.buffer()));
    assertThat(logged(log, "/second")).contains("200");
    assertThat(Files.readString(log)).doesNotContain("/first");
  }

  @Test
  void aTrustedProxyNamesTheCaller() throws Exception {
    List<String> seen = new ArrayList<>();
    int backend =
        backend(
            request -> {
              seen.add(request.getHeader("x-forwarded-for"));
              request.response().end();
            });
    gateway(
        RULE,
        entry(backend),
        settings(
            "{edge: {trustedProxies: 1}, routes: [{match: {host: backend.test},"
                + " rateLimit: {requests: 1, per: 1h, key: {address: true}}}]}"));

    assertThat(from("6.6.6.6, 203.0.113.9")).isEqualTo(200);
    assertThat(from("7.7.7.7, 203.0.113.9")).as("the same caller").isEqualTo(429);
    assertThat(from("203.0.113.10")).isEqualTo(200);
    assertThat(seen).containsExactly("6.6.6.6, 203.0.113.9, 127.0.0.1", "203.0.113.10, 127.0.0.1");
  }

  private int from(String forwarded) throws Exception {
    return await(
            client(new HttpClientOptions())
                .request(options(HttpMethod.GET, "/").putHeader("x-forwarded-for", forwarded))
                .compose(
                    request -> {
                      request.authority(HostAndPort.create("shop.test", 80));
                      return Requests.sent(request);
                    }))
        .statusCode();
  }

  private static Throwable failure(Future<?> future) throws Exception {
    return await(future.transform(ended -> Future.succeededFuture(ended.cause())));
  }

  private int posted(HttpClient client, int bytes) throws Exception {
    return await(request(client, HttpMethod.POST, "/", Buffer.buffer(text(bytes)))).statusCode();
  }

  private static String text(int bytes) {
    return "x".repeat(bytes);
  }
}
