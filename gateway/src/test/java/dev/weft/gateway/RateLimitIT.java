package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Rate limits of {@code ProxySettings}, over sockets. */
final class RateLimitIT extends GatewayFixture {

  private static final String RULE =
      rules("{route: [{destination: {host: backend.test, subset: v1}}]}");

  private final AtomicInteger reached = new AtomicInteger();

  private void serving(String limit) throws Exception {
    int backend =
        backend(
            request -> {
              reached.incrementAndGet();
              request.response().end("served");
            });
    gateway(RULE, entry(backend), limited(limit));
  }

  private static String limited(String limit) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default}
    spec:
      routes:
      - {match: {route: "default/rules#0"}, rateLimit: %s}
    """
        .formatted(limit);
  }

  @Test
  void exactlyTheLimitPassesAndTheRestIsToldWhenToComeAgain() throws Exception {
    serving("{requests: 5, per: 1h}");
    HttpClient client = client(new HttpClientOptions());

    int passed = 0;
    HttpClientResponse last = null;
    for (int i = 0; i < 20; i++) {
      last = get(client);
      passed += last.statusCode() == 200 ? 1 : 0;
    }

    assertThat(passed).isEqualTo(5);
    assertThat(reached).hasValue(5);
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.getHeader("proxy-status"))
        .isEqualTo("weft; error=http_request_denied; cause=rate_limited");
    assertThat(last.getHeader("ratelimit-policy")).isEqualTo("\"default\";q=5;w=3600");
    assertThat(last.getHeader("ratelimit")).startsWith("\"default\";r=0;t=");
    assertThat(Integer.parseInt(last.getHeader("retry-after"))).isBetween(1, 720);
  }

  @Test
  void whatPassesIsToldWhatIsLeft() throws Exception {
    serving("{requests: 5, per: 1h}");

    HttpClientResponse first = get(client(new HttpClientOptions()));

    assertThat(first.getHeader("ratelimit")).isEqualTo("\"default\";r=4;t=720");
  }

  @Test
  void eachUserHasALimitOfHisOwn() throws Exception {
    serving("{requests: 1, per: 1h, key: {header: x-user}}");
    HttpClient client = client(new HttpClientOptions());

    assertThat(status(client, "ann")).isEqualTo(200);
    assertThat(status(client, "ann")).isEqualTo(429);
    assertThat(status(client, "bob")).isEqualTo(200);
  }

  @Test
  void anEditOfAnythingElseLeavesWhatIsUsedUpUsedUp() throws Exception {
    serving("{requests: 1, per: 1h}");
    HttpClient client = client(new HttpClientOptions());
    assertThat(get(client).statusCode()).isEqualTo(200);

    write(
        "rules.yaml",
        rules(
            "{headers: {response: {set: {edited: 'yes'}}},"
                + " route: [{destination: {host: backend.test, subset: v1}}]}"));
    write("entry2.yaml", limited("{requests: 1, per: 1h}") + "  replayBytes: 5\n");

    for (int i = 0; i < 300; i++) {
      assertThat(get(client).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void anEditOfTheLimitHoldsAtOnce() throws Exception {
    serving("{requests: 1, per: 1h}");
    HttpClient client = client(new HttpClientOptions());
    assertThat(get(client).statusCode()).isEqualTo(200);
    assertThat(get(client).statusCode()).isEqualTo(429);

    write("entry2.yaml", limited("{requests: 3, per: 1h}"));

    assertThat(eventually(() -> get(client).statusCode() == 200)).isTrue();
  }

  private int status(HttpClient client, String user) throws Exception {
    return await(
            client
                .request(options(HttpMethod.GET, "/").putHeader("x-user", user))
                .compose(
                    request -> {
                      request.authority(io.vertx.core.net.HostAndPort.create("shop.test", 80));
                      return Requests.sent(request);
                    }))
        .statusCode();
  }

  private HttpClientResponse get(HttpClient client) throws Exception {
    return await(request(client, HttpMethod.GET, "/", Buffer.buffer()));
  }
}
