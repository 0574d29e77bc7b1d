package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.Requests;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One user is on one version, whether he comes by the gateway or calls within the mesh, and stays
 * there while the canary grows.
 */
final class SharedCohortsIT extends SidecarFixture {

  private static final int USERS = 60;
  private static final String WEIGHTS = "x-weights"; // as a proxy says that answers
  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: edge}
      spec:
        servers:
        - {port: {number: %1$d, name: http, protocol: HTTP}, hosts: [shop.test]}
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: shop}
      spec:
        hosts: [shop.test]
        gateways: [mesh, edge]
        http:
        - headers: {response: {set: {x-weights: "%2$d/%3$d"}}}
          route:
          - {destination: {host: shop.test, subset: v1}, weight: %2$d}
          - {destination: {host: shop.test, subset: v2}, weight: %3$d}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop}
      spec:
        hosts: [shop.test]
        location: MESH_EXTERNAL
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints:
        - {address: 127.0.0.1, ports: {http: %4$d}, labels: {version: v1}}
        - {address: 127.0.0.1, ports: {http: %5$d}, labels: {version: v2}}
      ---
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec:
        routes:
        - {match: {route: "default/shop#0"}, sticky: %6$s}
      """;

  private final List<HttpServer> applications = new ArrayList<>();
  private HttpClientAgent client;
  private Path rules;
  private int gateway;
  private int sidecar;

  @BeforeEach
  void applications() throws Exception {
    for (String version : List.of("v1", "v2")) {
      HttpServer application =
          vertx
              .createHttpServer()
              .requestHandler(asked -> asked.response().putHeader("version", version).end());
      applications.add(await(application.listen(0, "127.0.0.1")));
    }
    client = agent(plaintext());
    gateway = FreePorts.next();
    sidecar = FreePorts.next();
  }

  /**
   * Both proxies on one folder.
   *
   * @param key of the cohorts, as ProxySettings name it
   */
  private void serving(String key, int first, int second) throws Exception {
    Path folder = config("config", rules(key, first, second));
    rules = folder.resolve("all.yaml");
    await(edge(FreePorts.next(), "--config", "dir:" + folder));
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            "dir:" + folder,
            "--identity",
            "dir:" + identity("caller", mesh.good(CALLER)),
            "--service-account",
            "default/caller",
            "--outbound",
            "127.0.0.1:" + sidecar));
  }

  private String rules(String key, int first, int second) {
    return RULES.formatted(
        gateway,
        first,
        second,
        applications.get(0).actualPort(),
        applications.get(1).actualPort(),
        key);
  }

  /** Ends once both proxies answer by it. */
  private void edit(String key, int first, int second) throws Exception {
    replace(rules, rules(key, first, second));
    for (int port : List.of(gateway, sidecar)) {
      await(saying(port, first + "/" + second));
    }
  }

  private Future<Void> saying(int port, String weights) {
    return asked(port, "x-none", "none")
        .compose(
            answer ->
                weights.equals(answer.getHeader(WEIGHTS))
                    ? Future.succeededFuture()
                    : vertx
                        .timer(5, TimeUnit.MILLISECONDS)
                        .compose(again -> saying(port, weights)));
  }

  @Test
  void aHeadersUserIsOnOneVersionAtBothAndMovesToTheGrowingOneOnly() throws Exception {
    String key = "{header: x-user}";
    List<String> users = new ArrayList<>();
    for (int i = 0; i < USERS; i++) {
      users.add("user " + i);
    }
    serving(key, 95, 5);

    assertGrows(key, "x-user", users);
  }

  @Test
  void soIsACookiesWhicheverOfThemGaveIt() throws Exception {
    String key = "{cookie: {name: cohort, ttl: 1h}}";
    serving(key, 95, 5);
    List<String> users = new ArrayList<>();
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < USERS; i++) {
      HttpClientResponse first = await(asked(i % 2 == 0 ? gateway : sidecar, "x-none", "none"));
      String cookie = first.getHeader("set-cookie");
      users.add(cookie.substring(0, cookie.indexOf(';')));
      given.put(users.get(i), first.getHeader("version"));
    }

    assertThat(versions(gateway, "cookie", users)).isEqualTo(given);
    assertGrows(key, "cookie", users);
  }

  private void assertGrows(String key, String header, List<String> users) throws Exception {
    Map<String, String> before = Map.of();
    for (int percent : List.of(5, 30, 60, 100)) {
      edit(key, 100 - percent, percent);

      Map<String, String> now = versions(gateway, header, users);
      assertThat(versions(sidecar, header, users)).as("at %d %%", percent).isEqualTo(now);
      if (percent == 30 || percent == 60) {
        assertThat(now.values()).as("at %d %%", percent).contains("v1", "v2");
      }
      before.forEach(
          (user, was) -> {
            if (was.equals("v2")) {
              assertThat(now.get(user)).as("%s at %d %%", user, percent).isEqualTo("v2");
            }
          });
      before = now;
    }
    assertThat(before.values()).containsOnly("v2");
  }

  /** Of each user in turn. */
  private Map<String, String> versions(int port, String header, List<String> users)
      throws Exception {
    Map<String, String> versions = new LinkedHashMap<>();
    for (String user : users) {
      versions.put(user, await(asked(port, header, user)).getHeader("version"));
    }
    return versions;
  }

  private Future<HttpClientResponse> asked(int port, String header, String value) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/")
            .putHeader("host", "shop.test")
            .putHeader(header, value);
    return client.request(options).compose(Requests::sent);
  }
}
