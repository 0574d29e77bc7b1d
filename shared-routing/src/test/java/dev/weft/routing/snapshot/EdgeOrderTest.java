package dev.weft.routing.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.route.RouteTable;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a gateway asks of callers, and where it stands in the order. */
final class EdgeOrderTest extends StageOrderFixture {

  @Test
  void addressesAreAboveCorsSinceWhoMayNotComeLearnsNothing() {
    settings = "{edge: {denyFrom: [0.0.0.0/0], cors: {allowOrigins: [{exact: 'https://a.test'}]}}}";

    Future<Response> answer = serve("", "OPTIONS", PREFLIGHT);

    assertThat(((ProxyFailure) answer.cause()).reason()).isEqualTo(Cause.ADDRESS_DENIED);
    assertThat(observed).containsExactly(403);
  }

  @Test
  void whatAllRulesAreToldOfOtherOriginsCountsWhereARuleDoesNotSayItself() {
    settings = "{edge: {cors: {allowOrigins: [{exact: 'https://a.test'}]}}}";
    String own = "corsPolicy: {allowOrigins: [{exact: 'https://b.test'}]}";

    assertThat(allowed(serve("", "OPTIONS", PREFLIGHT))).isEqualTo("https://a.test");
    assertThat(allowed(serve(own, "GET", "origin", "https://a.test"))).isNull();
    assertThat(allowed(serve(own, "GET", "origin", "https://b.test"))).isEqualTo("https://b.test");
  }

  @Test
  void aRulesOwnWordOnOtherOriginsIsAboveCredentialsWhichAPreflightNeverHas() {
    String own = "corsPolicy: {allowOrigins: [{exact: 'https://a.test'}], allowMethods: [PUT]}";
    String keys = "apiKeys: {header: x-key, keys: [{name: k, sha256: '" + "0".repeat(64) + "'}]}";
    String[] each = {
      "{edge: {" + keys + "}}", "{routes: [{match: {route: 'default/t#0'}, " + keys + "}]}",
    };

    for (String one : each) {
      settings = one;
      Future<Response> preflight = serve(own, "OPTIONS", PREFLIGHT);
      ProxyFailure refused = (ProxyFailure) serve(own, "GET", "origin", "https://a.test").cause();
      ProxyFailure foreign = (ProxyFailure) serve(own, "GET", "origin", "https://b.test").cause();

      assertThat(preflight.result().status()).as(one).isEqualTo(200);
      assertThat(preflight.result().headers().get("access-control-allow-methods")).isEqualTo("PUT");
      assertThat(refused.reason()).isEqualTo(Cause.BAD_API_KEY);
      assertThat(refused.headers())
          .containsEntry("access-control-allow-origin", "https://a.test")
          .containsKey("www-authenticate");
      assertThat(foreign.headers()).doesNotContainKey("access-control-allow-origin");
    }
    assertThat(sent).isEmpty();
  }

  @Test
  void whatAPolicyDeniesNoScriptOfAnotherOriginReads() {
    settings = "{edge: {cors: {allowOrigins: [{exact: 'https://a.test'}]}}}";
    Exchange denied = exchange("GET", "origin", "https://a.test");
    denied.decided(Decision.denied(denied.request().head(), "a policy"));

    ProxyFailure refused = (ProxyFailure) order().denial().serve(denied).cause();

    assertThat(refused.reason()).isEqualTo(Cause.DENIED);
    assertThat(refused.headers()).doesNotContainKey("access-control-allow-origin");
  }

  private static @Nullable String allowed(Future<Response> answer) {
    return answer.result().headers().get("access-control-allow-origin");
  }

  @Test
  void whatIsSaidForARuleWinsButWhoIsDeniedEverywhereIsDeniedThere() {
    String route = "routes: [{match: {route: 'default/t#0'}, allowFrom: [0.0.0.0/0]}]";
    settings = "{edge: {allowFrom: [192.0.2.0/24]}, " + route + "}";
    assertThat(serve("", "GET").succeeded()).isTrue();

    settings = "{edge: {denyFrom: [0.0.0.0/0]}, " + route + "}";
    assertThat(serve("", "GET").failed()).isTrue();
  }

  @Test
  void whatNoRuleMatchesMeetsWhatHoldsForAll() {
    settings = "{edge: {allowFrom: [192.0.2.0/24], securityHeaders: {frameOptions: DENY}}}";

    ProxyFailure refused = (ProxyFailure) serve("match: [{uri: {prefix: /other}}]", "GET").cause();

    assertThat(refused.reason()).isEqualTo(Cause.ADDRESS_DENIED);
    assertThat(refused.headers()).containsEntry("x-frame-options", "DENY");
  }

  @Test
  void securityHeadersAreAboveWhatIsRefusedSinceRefusalsTellThemToo() {
    settings =
        "{edge: {securityHeaders: {frameOptions: DENY}}, limits: {bodyBytes: 3}, routes:"
            + " [{match: {route: 'default/t#0'}, securityHeaders: {frameOptions: SAMEORIGIN}}]}";

    ProxyFailure refused =
        (ProxyFailure) serve("", exchange("POST", new BufferBody(Buffer.buffer("four")))).cause();
    Response answer = serve("", "GET").result();

    assertThat(refused.reason()).isEqualTo(Cause.BODY_TOO_LARGE);
    assertThat(refused.headers()).containsEntry("x-frame-options", "SAMEORIGIN");
    assertThat(answer.headers().get("x-frame-options")).isEqualTo("SAMEORIGIN");
  }

  @Test
  void whereAnEntrySwitchesThemOffTheyAreNotTold() {
    settings =
        "{edge: {securityHeaders: {frameOptions: DENY}}, routes:"
            + " [{match: {route: 'default/t#0'}, securityHeaders: {enabled: false}}]}";

    assertThat(serve("", "GET").result().headers().contains("x-frame-options")).isFalse();
  }

  @Test
  void rulesWithTheSameStepsMayAskDifferentThings() {
    settings = "{routes: [{match: {route: 'default/t#b'}, denyFrom: [0.0.0.0/0]}]}";
    RouteTable table =
        table(
            """
            {match: [{uri: {prefix: /a}}], route: [{destination: {host: b}}]},
            {match: [{uri: {prefix: /b}}], name: b, route: [{destination: {host: b}}]}
            """);

    List<Service> chains = chains(table, order());

    assertThat(chains.get(0).serve(decided(table, 0)).succeeded()).isTrue();
    assertThat(chains.get(1).serve(decided(table, 1)).failed()).isTrue();
  }

  private Exchange decided(RouteTable table, int index) {
    Exchange exchange = exchange("GET");
    CompiledRoute route = table.routes().get(index);
    exchange.decided(
        new Decision(
            route.id(),
            new Decision.Forward(route.clusters().get(0), 0),
            "/a",
            "shop.test",
            Optional.empty(),
            List.of()));
    return exchange;
  }
}
