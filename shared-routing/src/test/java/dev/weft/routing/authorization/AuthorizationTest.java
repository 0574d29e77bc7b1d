package dev.weft.routing.authorization;

import static dev.weft.routing.authorization.AuthorizationFixture.asked;
import static dev.weft.routing.authorization.AuthorizationFixture.compiler;
import static dev.weft.routing.authorization.AuthorizationFixture.connected;
import static dev.weft.routing.authorization.AuthorizationFixture.explained;
import static dev.weft.routing.authorization.AuthorizationFixture.policies;
import static dev.weft.routing.authorization.AuthorizationFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthorizationTest {

  private static final String DENY_ADMIN =
      "{action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}";

  @Test
  void withoutAPolicyEverybodyIsAllowed() {
    Authorization none = compiler().requests();

    assertThat(none.open()).isTrue();
    assertThat(asked(none, "path=/admin").allowed()).isTrue();
  }

  @Test
  void whatADenyMatchesIsDeniedWhateverAllowsIt() {
    Authorization both = policies("{rules: [{}]}", DENY_ADMIN);

    assertThat(asked(both, "path=/admin/x"))
        .isEqualTo(new Verdict(false, "denied by prod/p1 rule 1"));
    assertThat(asked(both, "path=/a")).isEqualTo(new Verdict(true, "allowed by prod/p0 rule 1"));
  }

  @Test
  void whereOnePolicyAllowsWhatNoneAllowsIsDenied() {
    Authorization allows =
        policies(
            "{rules: [{to: [{operation: {paths: [/a]}}]}]}",
            "{rules: [{to: [{operation: {paths: [/b]}}]}]}");

    assertThat(asked(allows, "path=/b").allowed()).isTrue();
    assertThat(asked(allows, "path=/c"))
        .isEqualTo(new Verdict(false, "denied: no rule that allows matches, of prod/p0, prod/p1"));
  }

  @Test
  void anEmptyPolicyDeniesEverybody() {
    assertThat(asked(policies("{}"), "").allowed()).isFalse();
  }

  @Test
  void sourcesAreAlternativesAndTheirFieldsAreNot() {
    Authorization rule =
        policies(
            "{rules: [{from: [{source: {namespaces: [a], principals: ['*/sa/b']}},"
                + " {source: {namespaces: [c]}}], to: [{operation: {methods: [GET]}}],"
                + " when: [{key: 'request.headers[x]', values: ['1']}]}]}");

    assertThat(asked(rule, "id=t/ns/a/sa/b header:x=1").allowed()).isTrue();
    assertThat(asked(rule, "id=t/ns/c/sa/z header:x=1").allowed()).isTrue();
    assertThat(asked(rule, "id=t/ns/a/sa/z header:x=1").allowed()).isFalse();
    assertThat(asked(rule, "id=t/ns/c/sa/z method=POST header:x=1").allowed()).isFalse();
    assertThat(asked(rule, "id=t/ns/c/sa/z").allowed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "prod, '', true",
    "prod, 'selector: {matchLabels: {app: search}}', true",
    "prod, 'selector: {matchLabels: {app: other}}', false",
    "other, '', false",
    "istio-system, '', true",
    "istio-system, 'selector: {matchLabels: {app: search}}', true",
    "istio-system, 'selector: {matchLabels: {app: other}}', false",
    "prod, 'targetRefs: [{kind: Service, name: search}]', true",
    "prod, 'targetRefs: [{kind: Service, name: other}]', false",
    "prod, 'targetRefs: [{kind: Service, name: other}, {kind: Service, name: search}]', true",
    "other, 'targetRefs: [{kind: Service, name: search}]', false",
    "prod, 'targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: search}]', true",
    "prod, 'targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: mine}]', false",
    "prod, 'targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: named}]', true",
    "prod, 'targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: strange}]', false",
  })
  void aPolicyHoldsWhereItIsOrPointsTo(String namespace, String place, boolean holds) {
    String entry =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %s, namespace: prod}
        spec:
          hosts: [%s.test]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 10.0.0.9, serviceAccount: %s}]
        """;
    String named =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %s, namespace: prod}
        spec:
          hosts: [%s.test]
          location: MESH_INTERNAL
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 10.0.0.9}]
          subjectAltNames: [spiffe://cluster.local/ns/prod/sa/%s]
        """;
    String service =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: prod}
        spec: {selector: {app: %s}, ports: [{port: 80, name: http}]}
        """;
    String comma = place.isEmpty() ? "" : ", ";

    Authorization compiled =
        compiler(
                policy("p", namespace, "{action: DENY, rules: [{}]" + comma + place + "}"),
                service.formatted("search", "search"),
                service.formatted("other", "other"),
                entry.formatted("search", "search", "search"),
                entry.formatted("mine", "mine", "mine"),
                named.formatted("named", "named", "search"),
                named.formatted("strange", "strange", "other"))
            .requests();

    assertThat(asked(compiled, "").allowed()).isEqualTo(!holds);
  }

  @Test
  void ofSeveralHeadersOneIsEnoughToDenyAndAllAreNeededToAllow() {
    String rule = "rules: [{when: [{key: 'request.headers[x-role]', values: [admin]}]}]";
    Authorization deny = policies("{action: DENY, " + rule + "}");
    Authorization allow = policies("{" + rule + "}");

    assertThat(asked(deny, "header:x-role=user header:x-role=admin").allowed()).isFalse();
    assertThat(asked(deny, "header:x-role=user,~admin").allowed()).isFalse();
    assertThat(asked(deny, "header:x-role=user header:x-role=guest").allowed()).isTrue();
    assertThat(asked(allow, "header:x-role=admin header:x-role=admin").allowed()).isTrue();
    assertThat(asked(allow, "header:x-role=admin header:x-role=user").allowed()).isFalse();
    assertThat(asked(allow, "header:x-role=user,~admin").allowed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "came:x-role=admin, true, false", // named in Connection: those behind do not see it
    "came:x-role=user set:x-role=admin, true, true",
    "came:x-role=admin set:x-role=user, false, false",
    "set:x-role=admin, true, true",
    "came:x-role=user, false, false",
  })
  void aHeaderCountsAsItGoesOnAndOneThatStaysHereIsAReasonToDeny(
      String request, boolean denied, boolean allowed) {
    String rule = "rules: [{when: [{key: 'request.headers[x-role]', values: [admin]}]}]";

    assertThat(asked(policies("{action: DENY, " + rule + "}"), request).allowed())
        .isEqualTo(!denied);
    assertThat(asked(policies("{" + rule + "}"), request).allowed()).isEqualTo(allowed);
  }

  @Test
  void aHeaderThatStaysHereIsMissingToWhatDeniesWithoutIt() {
    Authorization deny =
        policies(
            "{action: DENY, rules: [{when: [{key: 'request.headers[x-role]',"
                + " notValues: [admin]}]}]}");

    assertThat(asked(deny, "came:x-role=admin").allowed()).isFalse();
    assertThat(asked(deny, "header:x-role=admin").allowed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "post, false, false",
    "POST, false, false",
    "Get, false, true",
    "GET, true, true",
    "get, true, false",
  })
  void aMethodInAnotherCaseIsAlsoTheOneThatServersMayTakeItFor(
      String method, boolean passesDeny, boolean passesAllow) {
    String path = " path=/a/..%2Fb";
    Authorization deny =
        policies("{action: DENY, rules: [{to: [{operation: {methods: [POST, Get]}}]}]}");
    Authorization allow = policies("{rules: [{to: [{operation: {methods: [GET, Get]}}]}]}");

    assertThat(asked(deny, "method=" + method).allowed()).isEqualTo(passesDeny);
    assertThat(asked(deny, "method=" + method + path).allowed()).isEqualTo(passesDeny);
    assertThat(asked(allow, "method=" + method).allowed()).isEqualTo(passesAllow);
  }

  @Test
  void ofSeveralHeadersOneThatIsNotAmongThemIsEnoughToDeny() {
    String rule = "rules: [{when: [{key: 'request.headers[x-role]', notValues: [admin]}]}]";
    Authorization deny = policies("{action: DENY, " + rule + "}");
    Authorization allow = policies("{" + rule + "}");

    assertThat(asked(deny, "header:x-role=admin header:x-role=user").allowed()).isFalse();
    assertThat(asked(deny, "header:x-role=admin header:x-role=admin").allowed()).isTrue();
    assertThat(asked(deny, "").allowed()).isFalse();
    assertThat(asked(allow, "header:x-role=admin header:x-role=user").allowed()).isFalse();
    assertThat(asked(allow, "header:x-role=guest header:x-role=user").allowed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/admin",
        "/admin/x",
        "/%61dmin",
        "//admin",
        "/x/..%2Fadmin",
        "/x%2F..%2Fadmin",
        "/x/..%252Fadmin",
        "/x/..%5Cadmin",
        "/x\\..\\admin",
        "/;a=b/admin",
        "/admin;a=b",
        "/x/..;a/admin",
        "/x/..;/admin",
        "/x/%2e%2e;/admin",
        "/%2Fadmin",
        "/.;/admin",
        "/x/..%c0%afadmin",
        "/x/%c0%ae%c0%ae/admin",
        "/x/%e0%80%ae./admin",
        "/%c1%a1dmin",
        "/admin%3Fa",
        "/ad%25%36din",
        "/admin%2500.txt",
        "/x/%2e%2e/admin",
        "/x/./..//admin",
        "/%c3%a9/../admin",
      })
  void whatAnyServerReadsAsADeniedPathIsDenied(String path) {
    assertThat(asked(policies(DENY_ADMIN), "path=" + path).allowed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/public/a, true",
    "/public/a%20b, true",
    "/public/%C3%A9, true",
    "/public//a, true",
    "/public/a;v=1, true",
    "/public/..%2Fadmin, false",
    "/public/..;/admin, false",
    "/public%2Fa, false",
    "/public\\..\\admin, false",
    "/other, false",
  })
  void aPathIsAllowedWhereEveryReadingIs(String path, boolean allowed) {
    Authorization allow = policies("{rules: [{to: [{operation: {paths: [/public/*]}}]}]}");

    assertThat(asked(allow, "path=" + path).allowed()).isEqualTo(allowed);
  }

  @Test
  void manyPoliciesByEndsOfPathsOfManyLengthsAreAllAsked() {
    String[] all =
        IntStream.rangeClosed(1, 40)
            .mapToObj(
                i ->
                    "{rules: [{to: [{operation: {paths: ['*" + "x".repeat(i) + "/" + i + "']}}]}]}")
            .toArray(String[]::new);
    Authorization many = policies(all);

    for (int i = 1; i <= all.length; i++) {
      String path = "/a" + "x".repeat(i) + "/" + i;
      assertThat(asked(many, "path=" + path).by())
          .isEqualTo("allowed by prod/p" + (i - 1) + " rule 1");
    }
    assertThat(asked(many, "path=/a/3").allowed()).isFalse();
  }

  @Test
  void aPathOfMoreReadingsThanAreLookedAtIsDenied() {
    String path = "/a%" + "25".repeat(80) + "2Fb";

    assertThat(asked(policies(DENY_ADMIN), "path=" + path)).isEqualTo(Verdict.UNREADABLE);
  }

  @Test
  void whoAsksForItGetsPathsComparedAsTheyAreWritten() {
    MeshConfig config = AuthorizationFixture.config(policy("p", "prod", DENY_ADMIN));

    Authorization plain =
        new AuthorizationCompiler(config, AuthorizationFixture.SEARCH, Ambiguous.AS_WRITTEN)
            .requests();

    assertThat(asked(plain, "path=/x/..%2Fadmin").allowed()).isTrue();
    assertThat(asked(plain, "path=/admin").allowed()).isFalse();
  }

  @Test
  void aDryRunKeepsNobodyAway() {
    String rehearsed =
        policy("p", "prod", DENY_ADMIN)
            .replace("prod}", "prod, annotations: {istio.io/dry-run: 'true'}}");
    AuthorizationCompiler compiler = compiler(rehearsed);

    assertThat(compiler.requests().open()).isTrue();
    assertThat(asked(compiler.rehearsedRequests(), "path=/admin").by())
        .isEqualTo("denied by prod/p rule 1");
  }

  @Test
  void anAuditKeepsNobodyAway() {
    assertThat(policies("{action: AUDIT, rules: [{}]}").open()).isTrue();
  }

  @Test
  void anAuthorizerThatIsNotThereDenies() {
    MeshConfig config = AuthorizationFixture.config(policy("p", "prod", DENY_ADMIN));
    AuthorizationPolicy deny = config.authorizationPolicies().get(0);
    AuthorizationPolicy custom =
        new AuthorizationPolicy(
            deny.meta(),
            Map.of(),
            List.of(),
            Action.CUSTOM,
            false,
            Optional.of("sample"),
            deny.rules());

    Authorization compiled =
        new AuthorizationCompiler(
                AuthorizationFixture.config(List.of(custom)),
                AuthorizationFixture.SEARCH,
                Ambiguous.STRICT)
            .requests();

    assertThat(asked(compiled, "path=/admin").allowed()).isFalse();
    assertThat(asked(compiled, "path=/a").allowed()).isTrue();
  }

  @Test
  void ofAConnectionWhatOnlyRequestsHaveNeverAllowsAndIsNoReasonNotToDeny() {
    Authorization allow =
        compiler(
                policy("p", "prod", "{rules: [{to: [{operation: {paths: [/a]}}]}]}"),
                policy("q", "prod", "{rules: [{to: [{operation: {ports: ['9090']}}]}]}"))
            .connections();
    Authorization deny =
        compiler(
                policy(
                    "p",
                    "prod",
                    "{action: DENY, rules: [{to: [{operation: {methods: [GET], ports: ['9090']}}],"
                        + " when: [{key: 'request.headers[x]', values: [a]}]}]}"))
            .connections();

    assertThat(connected(allow, "port=80").allowed()).isFalse();
    assertThat(connected(allow, "port=9090").allowed()).isTrue();
    assertThat(connected(deny, "port=9090").allowed()).isFalse();
    assertThat(connected(deny, "port=80").allowed()).isTrue();
  }

  @Test
  void anExplanationTellsWhatWasDecisive() {
    Authorization admins =
        policies(
            "{action: DENY, rules: [{to: [{operation: {methods: [TRACE]}}]},"
                + " {from: [{source: {notPrincipals: ['*/sa/root']}}],"
                + " to: [{operation: {paths: [/admin*]}}]}]}");

    String told = explained(admins, "path=/admin/x id=cluster.local/ns/a/sa/b").by();

    assertThat(told)
        .isEqualTo(
            "denied by prod/p0 rule 2: path /admin/x, identity spiffe://cluster.local/ns/a/sa/b");
  }

  @Test
  void anExplanationTellsTheReadingThatWasDenied() {
    String told = explained(policies(DENY_ADMIN), "path=/x/..%2Fadmin").by();

    assertThat(told).isEqualTo("denied by prod/p0 rule 1: path /admin");
  }
}
