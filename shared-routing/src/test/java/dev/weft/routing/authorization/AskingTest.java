package dev.weft.routing.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.AuthorizationFixture.Asked;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests an external authorizer is asked about, and what becomes of those without one. */
final class AskingTest {

  private static final String PROVIDERS =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default, namespace: istio-system}
      spec:
        extensionProviders:
        - {name: sample, envoyExtAuthzHttp: {service: authz.test, port: 80, failOpen: true}}
        - {name: other, envoyExtAuthzGrpc: {service: a.wide.test, port: 80}}
        - {name: gone, envoyExtAuthzGrpc: {service: gone.test, port: 80, failOpen: true}}
        - {name: portless, envoyExtAuthzGrpc: {service: authz.test, port: 81, failOpen: true}}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: authz, namespace: auth}
      spec:
        hosts: [authz.test, "*.wide.test"]
        exportTo: [auth]
        ports: [{number: 80, name: http}]
        resolution: STATIC
        endpoints: [{address: 10.0.0.1}]
      """;

  private static String custom(String name, String provider, String path) {
    return AuthorizationFixture.policy(
        name,
        "prod",
        "{action: CUSTOM, provider: {name: "
            + provider
            + "}, rules: [{to: [{operation: {paths: ['"
            + path
            + "']}}]}]}");
  }

  private static AuthorizationCompiler compiler(String... policies) {
    String[] all = new String[policies.length + 1];
    System.arraycopy(policies, 0, all, 0, policies.length);
    all[policies.length] = PROVIDERS;
    return AuthorizationFixture.compiler(all);
  }

  private static Optional<String> about(AuthorizationCompiler compiler, String request) {
    Asked asked = new Asked(request);
    return compiler
        .asking()
        .orElseThrow()
        .about(asked.head(), asked.head().headers(), asked.caller(), asked.port());
  }

  @ParameterizedTest
  @CsvSource({
    "path=/admin, prod/a rule 1",
    "path=/admin/x, prod/a rule 1",
    "path=/other, prod/b rule 1",
    "path=/free, ''",
    "path=/x%2F..%2Fadmin, prod/a rule 1", // some server reads it so
    "path=/admin;a=b/x, prod/a rule 1",
  })
  void itIsAskedAboutWhatARuleMatchesInAnyReading(String request, String rule) {
    AuthorizationCompiler compiler =
        compiler(custom("a", "sample", "/admin*"), custom("b", "sample", "/other"));

    assertThat(about(compiler, request).orElse("")).isEqualTo(rule);
    assertThat(AuthorizationFixture.asked(compiler.requests(), request).allowed()).isTrue();
  }

  @Test
  void aPathOfTooManyReadingsIsToldAsSuch() {
    AuthorizationCompiler compiler = compiler(custom("a", "sample", "/admin*"));
    String path = "path=/a%" + "25".repeat(80) + "2Fb";

    assertThat(Asking.unreadable(about(compiler, path).orElseThrow())).isTrue();
    assertThat(Asking.unreadable(about(compiler, "path=/admin").orElseThrow())).isFalse();
  }

  @Test
  void anExplanationTellsWhatOfTheRequestIsAskedAbout() {
    Asked asked = new Asked("path=/admin/x");

    assertThat(
            compiler(custom("a", "sample", "/admin*"))
                .asking()
                .orElseThrow()
                .explain(asked.head(), asked.head().headers(), asked.caller(), asked.port()))
        .contains("prod/a rule 1: path /admin/x");
  }

  @ParameterizedTest
  @CsvSource({"unknown", "gone", "portless"})
  void whereNobodyIsToBeAskedWhatItMatchesIsDeniedWhateverTheProviderSays(String provider) {
    AuthorizationCompiler compiler = compiler(custom("a", provider, "/admin"));

    assertThat(compiler.asking()).isEmpty();
    assertThat(AuthorizationFixture.asked(compiler.requests(), "path=/admin").by())
        .isEqualTo("denied by prod/a rule 1");
    assertThat(AuthorizationFixture.asked(compiler.requests(), "path=/x").allowed()).isTrue();
  }

  @Test
  void aWorkloadThatWouldAskTwoAsksNoneAndDenies() {
    AuthorizationCompiler compiler =
        compiler(custom("a", "sample", "/admin"), custom("b", "other", "/other"));

    assertThat(compiler.asking()).isEmpty();
    assertThat(AuthorizationFixture.asked(compiler.requests(), "path=/admin").allowed()).isFalse();
    assertThat(AuthorizationFixture.asked(compiler.requests(), "path=/other").allowed()).isFalse();
    assertThat(AuthorizationFixture.asked(compiler.requests(), "path=/x").allowed()).isTrue();
  }

  @Test
  void whatOneOfSeveralHostsCoversIsThere() {
    assertThat(compiler(custom("a", "other", "/admin")).asking()).isPresent();
  }

  @Test
  void aConnectionOfWhichNoRequestIsKnownIsDenied() {
    AuthorizationCompiler compiler = compiler(custom("a", "sample", "/admin"));

    assertThat(AuthorizationFixture.connected(compiler.connections(), "peer=10.0.0.1").by())
        .isEqualTo("denied by prod/a rule 1");
  }

  @Test
  void aDryRunAsksNobody() {
    String dry =
        custom("a", "sample", "/admin")
            .replace("namespace: prod", "namespace: prod, annotations: {istio.io/dry-run: 'true'}");
    AuthorizationCompiler compiler = compiler(dry);

    assertThat(compiler.asking()).isEmpty();
    assertThat(compiler.rehearsedRequests().open()).isTrue();
    assertThat(compiler.requests().open()).isTrue();
  }

  @Test
  void withoutSuchAPolicyNobodyIsAsked() {
    assertThat(
            new AuthorizationCompiler(
                    AuthorizationFixture.config(PROVIDERS),
                    AuthorizationFixture.SEARCH,
                    Ambiguous.STRICT)
                .asking())
        .isEmpty();
  }
}
