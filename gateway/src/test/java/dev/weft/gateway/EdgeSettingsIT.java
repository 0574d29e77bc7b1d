package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.snapshot.Snapshot;
import dev.weft.routing.verticle.Listening;
import dev.weft.testkit.RawHttp;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a gateway asks of callers from outside, over real sockets. */
final class EdgeSettingsIT extends GatewayFixture {

  private static final String TO = "route: [{destination: {host: backend.test, subset: v1}}]";
  private static final String RULES =
      rules(
          "{name: own, match: [{uri: {prefix: /own}}], "
              + TO
              + ", corsPolicy: {allowOrigins: [{exact: 'https://own.test'}]}}, {name: admin, match:"
              + " [{uri: {prefix: /admin}}], "
              + TO
              + "}, {name: rest, match: [{uri: {prefix: /}}], "
              + TO
              + "}");

  private final List<MultiMap> seen = new CopyOnWriteArrayList<>();
  private final List<String> targets = new CopyOnWriteArrayList<>();
  private Path log;

  private void serving(String settings) throws Exception {
    log = state.resolve("access.log");
    accessLog = log.toString();
    int backend =
        backend(
            request -> {
              seen.add(MultiMap.caseInsensitiveMultiMap().addAll(request.headers()));
              targets.add(request.uri());
              request
                  .response()
                  .putHeader("server", "tomcat")
                  .putHeader("x-frame-options", "SAMEORIGIN");
              request.response().end("served");
            });
    gateway(
        new Plan(Map.of(), true, true),
        (snapshot, self) ->
            List.of(
                new Listening(
                    "--listen",
                    ListenerSettings.of("127.0.0.1", port, Role.EDGE, snapshot.settings()),
                    ServerTls.NONE,
                    self.store().service(Snapshot::mesh))),
        RULES,
        entry(backend),
        settings(settings));
  }

  private static String settings(String spec) {
    return "apiVersion: weft.dev/v1\nkind: ProxySettings\nmetadata: {name: default}\nspec: " + spec;
  }

  /** The whole answer, as text. */
  private String ask(String method, String target, String... headers) throws IOException {
    List<String> head = new ArrayList<>(List.of(method + " " + target + " HTTP/1.1"));
    head.add("host: shop.test");
    head.add("connection: close");
    head.addAll(List.of(headers));
    return RawHttp.exchange(port, RawHttp.lines(head.toArray(String[]::new)) + "\r\n");
  }

  private static int status(String answer) {
    return answer.length() < 12 ? 0 : Integer.parseInt(answer.substring(9, 12));
  }

  private boolean comes(int wanted, String target, String... headers) throws Exception {
    return eventually(() -> status(ask("GET", target, headers)) == wanted);
  }

  @Test
  void addressesAreThoseOfWhomTrustedProxiesSpeak() throws Exception {
    serving(
        "{edge: {trustedProxies: 1, denyFrom: [203.0.113.0/24, '2001:db8:bad::/48']}, routes:"
            + " [{match: {route: 'default/rules#admin'}, allowFrom: [10.0.0.0/8]}]}");

    assertThat(status(ask("GET", "/", "x-forwarded-for: 198.51.100.1"))).isEqualTo(200);
    String denied = ask("GET", "/", "x-forwarded-for: 10.0.0.1, 203.0.113.9");
    assertThat(status(denied)).isEqualTo(403);
    assertThat(denied)
        .contains("proxy-status: weft; error=http_request_denied; cause=address_denied\r\n")
        .endsWith("address denied\n");
    assertThat(status(ask("GET", "/", "x-forwarded-for: 2001:DB8:BAD::1"))).isEqualTo(403);
    assertThat(status(ask("GET", "/", "x-forwarded-for: ::ffff:203.0.113.9"))).isEqualTo(403);
    assertThat(status(ask("GET", "/admin", "x-forwarded-for: 10.1.1.1"))).isEqualTo(200);
    assertThat(status(ask("GET", "/admin", "x-forwarded-for: 11.1.1.1"))).isEqualTo(403);
    assertThat(seen).hasSize(2);
    assertThat(logged(log, "203.0.113.9"))
        .contains("\"cause\":\"address_denied\"", "is in denyFrom", "\"flags\":\"-\"");

    write("entry2.yaml", settings("{edge: {trustedProxies: 1, denyFrom: [198.51.100.0/24]}}"));

    assertThat(comes(403, "/", "x-forwarded-for: 198.51.100.1")).isTrue();
    assertThat(status(ask("GET", "/admin", "x-forwarded-for: 11.1.1.1"))).isEqualTo(200);
  }

  @Test
  void otherOriginsMayDoWhatTheRuleSaysOrElseWhatTheEdgeSays() throws Exception {
    serving("{edge: {cors: {allowOrigins: [{exact: 'https://a.test'}], allowMethods: [PUT]}}}");
    String method = "access-control-request-method: PUT";

    String preflight = ask("OPTIONS", "/", "origin: https://a.test", method);
    String own = ask("OPTIONS", "/own", "origin: https://own.test", method);
    String foreign = ask("GET", "/own", "origin: https://a.test");
    String marked = ask("GET", "/", "origin: https://a.test");

    assertThat(preflight)
        .startsWith("HTTP/1.1 200")
        .contains("access-control-allow-origin: https://a.test")
        .contains("access-control-allow-methods: PUT");
    assertThat(own).contains("access-control-allow-origin: https://own.test");
    assertThat(foreign).contains("served").doesNotContain("access-control");
    assertThat(marked).contains("served", "access-control-allow-origin: https://a.test");
    assertThat(seen).as("no preflight came through").hasSize(2);
  }

  @Test
  void browsersAreToldToBeCareful() throws Exception {
    serving(
        "{edge: {trustedProxies: 1, denyFrom: [203.0.113.0/24], securityHeaders:"
            + " {strictTransportSecurity: max-age=600, contentTypeOptions: true, frameOptions:"
            + " DENY, removeServer: true}}, routes: [{match: {route: 'default/rules#admin'},"
            + " securityHeaders: {enabled: false}}]}");

    String plain = ask("GET", "/", "x-forwarded-proto: http");
    String secured = ask("GET", "/", "x-forwarded-proto: https");
    String off = ask("GET", "/admin");
    String refused = ask("GET", "/", "x-forwarded-for: 203.0.113.9", "x-forwarded-proto: https");

    assertThat(plain)
        .contains("x-content-type-options: nosniff", "x-frame-options: SAMEORIGIN")
        .doesNotContain("DENY", "tomcat", "strict-transport-security");
    assertThat(secured).contains("strict-transport-security: max-age=600");
    assertThat(off).contains("server: tomcat").doesNotContain("nosniff");
    assertThat(refused)
        .startsWith("HTTP/1.1 403")
        .contains("nosniff", "x-frame-options: DENY", "strict-transport-security: max-age=600");
  }

  private static final String KEYS =
      "keys: [{name: batch, sha256: " // of k3y
          + "a49b1287870c10a76f1f46552aca4431842ced5dedf0ee3f28ffa12855a4e86a}]";

  @Test
  void anApiKeyIsAskedForAndStaysHere() throws Exception {
    serving(
        "{edge: {apiKeys: {header: x-api-key, "
            + KEYS
            + "}}, routes: [{match: {route: 'default/rules#admin'}, apiKeys: {query: key, "
            + KEYS
            + "}}, {match: {route: 'default/rules#own'}, apiKeys: {enabled: false}}]}");

    assertThat(ask("GET", "/", "x-api-key: k3y", "x-weft-api-key: root"))
        .startsWith("HTTP/1.1 200");
    assertThat(seen.get(0).getAll("x-weft-api-key")).containsExactly("batch");
    assertThat(seen.get(0).names()).doesNotContain("x-api-key");
    assertThat(logged(log, "\"api_key\":\"batch\"")).doesNotContain("k3y");

    assertThat(status(ask("GET", "/own", "x-weft-api-key: root"))).isEqualTo(200);
    assertThat(seen.get(1).contains("x-weft-api-key")).isFalse();

    assertThat(status(ask("GET", "/admin?a=1&key=k3y&b=%20"))).isEqualTo(200);
    assertThat(targets.get(2)).isEqualTo("/admin?a=1&b=%20");

    String without = ask("GET", "/");
    assertThat(without)
        .startsWith("HTTP/1.1 401")
        .contains("www-authenticate: ApiKey")
        .endsWith("bad api key\n");
    for (String[] headers :
        new String[][] {
          {"x-api-key: wrong-k3y"},
          {"x-api-key: k3y", "x-api-key: k3y"},
          {"x-api-key: k3y,k3y"},
          {"authorization: Bearer k3y"}
        }) {
      assertThat(status(ask("GET", "/", headers))).isEqualTo(401);
    }
    assertThat(status(ask("GET", "/admin?key=k3y&key=k3y"))).isEqualTo(401);
    assertThat(status(ask("GET", "/admin?key=bad-k3y", "x-api-key: k3y"))).isEqualTo(401);
    assertThat(seen).hasSize(3);

    assertThat(logged(log, "bad_api_key")).contains("\"status\":401", "\"flags\":\"-\"");
    ask("GET", "/last", "x-api-key: k3y");
    logged(log, "/last");
    assertThat(Files.readString(log)).contains("/admin").doesNotContain("k3y");
  }

  @Test
  void aBrowserNeedsNoKeyForItsPreflightAndMayReadWhyItIsRefused() throws Exception {
    serving(
        "{edge: {cors: {allowOrigins: [{exact: 'https://a.test'}]}, apiKeys: {header: x-api-key, "
            + KEYS
            + "}}}");
    String method = "access-control-request-method: PUT";

    for (String[] one : new String[][] {{"/own", "https://own.test"}, {"/", "https://a.test"}}) {
      String origin = "origin: " + one[1];
      String marked = "access-control-allow-origin: " + one[1] + "\r\n";

      assertThat(ask("OPTIONS", one[0], origin, method))
          .startsWith("HTTP/1.1 200")
          .contains(marked);
      assertThat(ask("GET", one[0], origin)).startsWith("HTTP/1.1 401").contains(marked);
      assertThat(ask("GET", one[0], "origin: https://evil.test"))
          .startsWith("HTTP/1.1 401")
          .doesNotContain("access-control-allow-origin");
    }
    assertThat(seen).isEmpty();
  }

  @Test
  void aKeyIsNotLoggedWhereNobodyGotToAskForIt() throws Exception {
    serving(
        "{edge: {trustedProxies: 1}, routes: [{match: {route: 'default/rules#admin'}, denyFrom:"
            + " [203.0.113.0/24], apiKeys: {query: key, "
            + KEYS
            + "}}]}");

    String denied = ask("GET", "/admin?key=k3y", "x-forwarded-for: 203.0.113.9");
    String other =
        RawHttp.exchange(
            port,
            RawHttp.lines(
                    "GET /nowhere?key=k3y&x=1 HTTP/1.1", "host: other.test", "connection: close")
                + "\r\n");

    assertThat(denied).startsWith("HTTP/1.1 403");
    assertThat(other).startsWith("HTTP/1.1 404");
    assertThat(logged(log, "/nowhere")).contains("/nowhere?x=1");
    assertThat(logged(log, "address_denied")).contains("\"path\":\"/admin\"");
    assertThat(Files.readString(log)).doesNotContain("k3y");
  }

  /** By crypt(3): secret, open sesame. */
  private static final String ADA = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

  private static final String BOB = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

  private static String users(String... named) {
    StringBuilder all = new StringBuilder("{edge: {basicAuth: {realm: shop, users: [");
    for (int i = 0; i < named.length; i += 2) {
      all.append("{name: ").append(named[i]).append(", hash: ").append(named[i + 1]).append("}, ");
    }
    return all.append("]}}, routes: [{match: {route: 'default/rules#own'}, ").toString()
        + "basicAuth: {enabled: false}}, {match: {route: 'default/rules#admin'}, apiKeys: {header:"
        + " x-api-key, "
        + KEYS
        + "}}]}";
  }

  private static String basic(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "authorization: Basic " + Base64.getEncoder().encodeToString(both);
  }

  @Test
  void aNameAndAPasswordAreAskedForAndStayHere() throws Exception {
    serving(users("ada", ADA, "bob", BOB));

    String without = ask("GET", "/");
    assertThat(without)
        .startsWith("HTTP/1.1 401")
        .contains("www-authenticate: Basic realm=\"shop\", charset=\"UTF-8\"\r\n")
        .contains("proxy-status: weft; error=http_request_denied; cause=bad_credentials\r\n")
        .endsWith("bad credentials\n");
    for (String wrong :
        List.of(
            basic("ada", "wrong"),
            basic("bob", "secret"),
            basic("nobody", "secret"),
            basic("ada", "secret") + ", Basic",
            "authorization: Bearer secret",
            "authorization: Basic")) {
      assertThat(status(ask("GET", "/", wrong))).as(wrong).isEqualTo(401);
    }
    assertThat(status(ask("GET", "/", basic("ada", "secret"), basic("ada", "secret"))))
        .as("a header that there may be once")
        .isEqualTo(400);
    assertThat(seen).isEmpty();

    assertThat(ask("GET", "/", basic("ada", "secret"), "x-weft-user: root"))
        .startsWith("HTTP/1.1 200");
    assertThat(status(ask("GET", "/", basic("bob", "open sesame")))).isEqualTo(200);
    assertThat(seen.get(0).getAll("x-weft-user")).containsExactly("ada");
    assertThat(seen.get(1).getAll("x-weft-user")).containsExactly("bob");
    assertThat(seen.get(0).names()).doesNotContain("authorization");
    assertThat(logged(log, "\"user\":\"ada\"")).contains("\"status\":200");
    assertThat(logged(log, "bad_credentials")).contains("\"status\":401");

    assertThat(status(ask("GET", "/own"))).as("switched off there").isEqualTo(200);
    assertThat(status(ask("GET", "/admin", basic("ada", "secret")))).as("no key").isEqualTo(401);
    assertThat(status(ask("GET", "/admin", basic("ada", "secret"), "x-api-key: k3y")))
        .isEqualTo(200);
    assertThat(Files.readString(log)).doesNotContain("secret", "sesame");

    write("entry2.yaml", settings(users("bob", BOB)));

    assertThat(comes(401, "/", basic("ada", "secret"))).isTrue();
    assertThat(status(ask("GET", "/", basic("bob", "open sesame")))).isEqualTo(200);
  }

  @Test
  void whoGuessesPasswordsHoldsNobodyElseUp() throws Exception {
    String slow = "$2y$11$" + ADA.substring(7); // of another salt and cost: nobody has it
    serving(users("ada", ADA, "eve", slow));
    assertThat(status(ask("GET", "/", basic("ada", "secret")))).isEqualTo(200);

    List<RawHttp> guessing = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      guessing.add(new RawHttp(port));
    }
    for (int i = 0; i < 200; i++) {
      guessing
          .get(i)
          .send(
              RawHttp.lines("GET / HTTP/1.1", "host: shop.test", basic("eve", "guess" + i))
                  + "\r\n");
    }
    long began = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(status(ask("GET", "/own"))).isEqualTo(200);
      assertThat(status(ask("GET", "/", basic("ada", "secret")))).as("she is known").isEqualTo(200);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);

    int later = 0;
    for (RawHttp one : guessing) {
      int status = status(one.head());
      assertThat(status).isIn(401, 429, 503);
      later += status == 401 ? 0 : 1;
      one.close();
    }
    assertThat(later).as("of 200, four at once are looked at").isGreaterThan(100);
    assertThat(took).isLessThan(Duration.ofSeconds(8));
    assertThat(seen).as("40 and the first").hasSize(41);
  }
}
