package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.routing.listener.ServerTls;
import dev.weft.routing.snapshot.Plan;
import dev.weft.routing.verticle.Listening;
import dev.weft.testkit.fault.Fault;
import dev.weft.testkit.load.Asked;
import dev.weft.testkit.load.Sent;
import dev.weft.testkit.token.TestKey;
import io.vertx.core.Future;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every cause, brought about as it comes about: the caller, the log and the metrics tell it by the
 * same name, and no other situation has that name.
 */
final class CausesIT extends CauseSituations {

  /** Refused before there was an exchange: counted as refusals, and not logged. */
  private static final Set<Cause> EARLY =
      EnumSet.of(Cause.BAD_REQUEST, Cause.URL_TOO_LONG, Cause.TOO_MANY_HEADERS);

  /** Nobody hears the answer, or it began before. */
  private static final Set<Cause> UNHEARD =
      EnumSet.of(Cause.CLIENT_GONE, Cause.CALLER_IDLE, Cause.UPSTREAM_TRUNCATED);

  CausesIT() {
    requests();
    callersThatMayNot();
    destinations();
    connections();
    answers();
    protection();
  }

  @ParameterizedTest
  @EnumSource(
      value = Cause.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "DRAINING", // PoolIT: who still waits has left by the time that a process ends
        "NO_CLUSTER", // GuardTest: a connection that nobody redirected
        "LOOP" // NamedServicesIT: what is redirected to where it came from
      })
  void isToldByItsNameToTheCallerTheLogAndTheMetrics(Cause cause) throws Exception {
    assertThat(situations).as("a cause without a situation").containsKey(cause);

    String seen = situations.get(cause).seen();

    String status = cause == Cause.CALLER_DEADLINE ? "200" : "" + cause.status(); // gRPC's own
    assertThat(seen)
        .isEqualTo(
            UNHEARD.contains(cause)
                ? CUT
                : status + " weft; error=" + cause.errorType() + "; cause=" + cause.word());
    if (cause == Cause.INTERNAL) {
      return; // put in where the log's stage stands
    }
    if (EARLY.contains(cause)) {
      assertThat(admin("/metrics"))
          .containsPattern("weft_refusals_total\\{reason=\"bad_request\"[^}]*} [1-9]");
      return;
    }
    JsonObject line = line(cause.word());
    assertThat(line.getString("flags")).isEqualTo(cause.flag());
    assertThat(line.getString("detail")).isNotBlank();
    assertThat(admin("/metrics"))
        .containsPattern("weft_request_failures_total\\{cause=\"" + cause.word() + "\"} [1-9]");
  }

  private void callersThatMayNot() {
    situations.put(
        Cause.UNAUTHENTICATED,
        () -> {
          String keys = TestKey.set(TestKey.ed25519("one"));
          rule(
              "",
              entry(good.port()),
              security(
                  "RequestAuthentication", "jwtRules: [{issuer: test, jwks: '" + keys + "'}]"));
          return raw("GET / HTTP/1.1", "host: shop.test", "authorization: Bearer a.b.c", END);
        });
    situations.put(
        Cause.BAD_API_KEY,
        () ->
            edge("apiKeys: {header: x-key, keys: [{name: one, sha256: " + "0".repeat(64) + "}]}"));
    situations.put(
        Cause.BAD_CREDENTIALS,
        () ->
            edge(
                "basicAuth: {realm: shop, users: [{name: ada, hash:"
                    + " $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW}]}"));
    situations.put(Cause.ADDRESS_DENIED, () -> edge("denyFrom: [127.0.0.0/8]"));
    situations.put(
        Cause.DENIED,
        () -> {
          rule(
              "", entry(good.port()), security("AuthorizationPolicy", "action: DENY, rules: [{}]"));
          return get("/");
        });
    situations.put(
        Cause.EXTERNALLY_DENIED,
        () -> asking(backend(any -> any.response().setStatusCode(403).end())));
    situations.put(Cause.AUTHORIZER_FAILED, () -> asking(1));
  }

  private String edge(String spec) throws Exception {
    rule("", entry(good.port()), settings("edge: {" + spec + "}"));
    return get("/");
  }

  private String asking(int authorizer) throws Exception {
    rule(
        "",
        entry(good.port()),
        security("AuthorizationPolicy", "action: CUSTOM, provider: {name: sample}, rules: [{}]"),
        AuthorizersFixture.provider(
            "envoyExtAuthzHttp: {service: auth/authorizer.test, port: 9000, timeout: 5s}"),
        AuthorizersFixture.authorizer(authorizer));
    return get("/");
  }

  private void destinations() {
    situations.put(
        Cause.NO_ROUTE,
        () -> {
          rule("match: [{uri: {prefix: /only}}], ", entry(good.port()));
          return get("/other");
        });
    situations.put(Cause.MISDIRECTED_REQUEST, this::misdirected);
    situations.put(
        Cause.NO_HEALTHY_UPSTREAM,
        () -> {
          guardedGateway(rules("{route: [{destination: {host: nowhere.test}}]}"));
          return get("/");
        });
    situations.put(
        Cause.NAME_UNRESOLVED,
        () -> {
          rule("", entry(9).replace("STATIC", "DNS").replace("127.0.0.1", "no-such.invalid"));
          return get("/");
        });
    situations.put(
        Cause.FAULT_INJECTED,
        () -> {
          rule("fault: {abort: {httpStatus: 503, percentage: {value: 100}}}, ", entry(good.port()));
          return get("/");
        });
    situations.put(
        Cause.DIRECT_RESPONSE,
        () -> {
          guardedGateway(rules("{directResponse: {status: 503}}"));
          return get("/");
        });
    situations.put(
        Cause.INTERNAL,
        () -> {
          gateway(
              new Plan(Map.of(), true, false),
              (snapshot, self) ->
                  List.of(
                      new Listening(
                          "--listen",
                          ListenerSettings.of("127.0.0.1", port, Role.EDGE, snapshot.settings()),
                          ServerTls.NONE,
                          exchange -> {
                            throw new IllegalStateException("a fault");
                          })),
              entry(good.port()));
          return get("/");
        });
  }

  /** What is in plaintext asks for the host of a server with TLS on the same port. */
  private String misdirected() throws Exception {
    Path files = own();
    gatewayOfServers(
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
          - port: {number: %1$d, name: plain, protocol: HTTP}
            bind: 127.0.0.1
            hosts: [plain.test]
          - port: {number: %1$d, name: closed, protocol: HTTPS}
            bind: 127.0.0.1
            hosts: [shop.test]
            tls: {mode: SIMPLE, serverCertificate: %2$s/tls.crt, privateKey: %2$s/tls.key}
        """
            .formatted(port, files),
        rules("{directResponse: {status: 200}}").replace("spec: {", "spec: {gateways: [edge], "));
    return get("/");
  }

  private void protection() {
    situations.put(
        Cause.RATE_LIMITED,
        () -> {
          rule(
              "",
              entry(good.port()),
              settings(
                  "routes: [{match: {route: 'default/rules#0'}, rateLimit: {requests: 1, per:"
                      + " 1h}}]"));
          get("/");
          return get("/");
        });
    situations.put(
        Cause.OVERFLOW, () -> beside(policy("connectionPool: {http: {http2MaxRequests: 1}}")));
    situations.put(
        Cause.OVERLOADED, () -> beside(settings("overload: {mode: static, maxInFlight: 1}")));
    situations.put(
        Cause.BREAKER_OPEN,
        () -> {
          good.answers(Fault.status(500));
          rule(
              "retries: {attempts: 0}, ",
              entry(good.port()),
              settings("breaker: {minimumRequests: 1, open: 1m, maxOpen: 1m}"));
          String seen = get("/");
          for (int i = 0; i < 1000 && seen.startsWith("500"); i++) {
            seen = get("/");
          }
          return seen;
        });
  }

  /** Asks while another request is under way. */
  private String beside(String setting) throws Exception {
    good.answers(Fault.slow(200, Duration.ofSeconds(5)));
    rule("retries: {attempts: 0}, ", entry(good.port()), setting);
    Future<Sent> first = callers(HttpVersion.HTTP_1_1).send(Asked.get("/"));
    seen(() -> ledger.requests() == 1);
    String second = get("/");
    assertThat(first.isComplete()).isFalse();
    return second;
  }
}
