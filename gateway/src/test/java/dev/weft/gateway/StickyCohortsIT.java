package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Users who stay on their version while a canary grows, over sockets. */
final class StickyCohortsIT extends GatewayFixture {

  private static final int USERS = 100;

  private HttpClient client;

  private void serving(String sticky, int first, int second) throws Exception {
    int v1 = backend(request -> request.response().putHeader("version", "v1").end());
    int v2 = backend(request -> request.response().putHeader("version", "v2").end());
    gateway(weights(first, second), entry(v1, v2), sticky(sticky));
    client = client(new HttpClientOptions());
  }

  private static String sticky(String key) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default}
    spec:
      routes:
      - {match: {route: "default/rules#0"}, sticky: %s}
    """
        .formatted(key);
  }

  @Test
  void aCanaryThatGrowsTakesUsersAndGivesNoneBack() throws Exception {
    serving("{header: x-user}", 100, 0);
    Map<String, String> before = versions();
    assertThat(before.values()).containsOnly("v1");

    for (int percent = 20; percent <= 100; percent += 40) {
      write("rules.yaml", weights(100 - percent, percent));
      Map<String, String> after = grown(before);
      before.forEach(
          (user, was) -> {
            if (was.equals("v2")) {
              assertThat(after.get(user)).as(user).isEqualTo("v2");
            }
          });
      before = after;
    }

    assertThat(before.values()).containsOnly("v2");
  }

  @Test
  void aCookieIsSetAndKeepsItsUser() throws Exception {
    serving("{cookie: {name: cohort, ttl: 1h}}", 50, 50);

    for (int i = 0; i < 20; i++) {
      HttpClientResponse first = await(asked("x-none", "none"));
      String cookie = first.getHeader("set-cookie");
      assertThat(cookie).matches("cohort=[0-9a-f]+; Path=/; Max-Age=3600; HttpOnly");
      HttpClientResponse again = await(asked("cookie", cookie.substring(0, cookie.indexOf(';'))));

      assertThat(again.getHeader("version")).isEqualTo(first.getHeader("version"));
      assertThat(again.getHeader("set-cookie")).isNull();
    }
  }

  /** The versions once the edit holds: before, nobody has moved. */
  private Map<String, String> grown(Map<String, String> before) throws Exception {
    Map<String, String> now = versions();
    for (int i = 0; i < 500 && now.equals(before); i++) {
      now = versions();
    }
    assertThat(now).isNotEqualTo(before);
    return versions(); // an edit may have come in the middle of the one before
  }

  private Map<String, String> versions() throws Exception {
    Map<String, String> versions = new HashMap<>();
    for (int user = 0; user < USERS; user++) {
      String name = "user " + user;
      versions.put(name, await(asked("x-user", name)).getHeader("version"));
    }
    return versions;
  }

  private Future<HttpClientResponse> asked(String header, String value) {
    return client
        .request(options(HttpMethod.GET, "/").putHeader(header, value))
        .compose(
            request -> {
              request.authority(HostAndPort.create("shop.test", 80));
              return Requests.sent(request);
            });
  }
}
