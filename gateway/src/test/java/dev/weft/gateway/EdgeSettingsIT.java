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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** Asks until the status is another; the last one. */
  private int until(int wanted, String target, String... headers) throws IOException {
    int status = 0;
    for (int i = 0; i < 2000 && status != wanted; i++) {
      status = status(ask("GET", target, headers));
    }
    return status;
  }

  private String logged(String part) throws IOException {
    for (int i = 0; i < 100_000; i++) {
      for (String line : Files.exists(log) ? Files.readAllLines(log) : List.<String>of()) {
        if (line.contains(part)) {
          return line;
        }
      }
      Thread.onSpinWait();
    }
    return "nothing";
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
        .contains("proxy-status: weft; error=http_request_denied\r\n")
        .endsWith("address denied\n");
    assertThat(status(ask("GET", "/", "x-forwarded-for: 2001:DB8:BAD::1"))).isEqualTo(403);
    assertThat(status(ask("GET", "/", "x-forwarded-for: ::ffff:203.0.113.9"))).isEqualTo(403);
    assertThat(status(ask("GET", "/admin", "x-forwarded-for: 10.1.1.1"))).isEqualTo(200);
    assertThat(status(ask("GET", "/admin", "x-forwarded-for: 11.1.1.1"))).isEqualTo(403);
    assertThat(seen).hasSize(2);
    assertThat(logged("203.0.113.9"))
        .contains("\"cause\":\"address_denied\"", "is in denyFrom", "\"flags\":\"UAEX\"");

    write("entry2.yaml", settings("{edge: {trustedProxies: 1, denyFrom: [198.51.100.0/24]}}"));

    assertThat(until(403, "/", "x-forwarded-for: 198.51.100.1")).isEqualTo(403);
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
}
