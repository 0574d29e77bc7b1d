package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ScopesTest {

  private static final String SELECTOR = "{selector: {matchLabels: {app: ";

  private final MeshConfig config =
      StreamFixture.config(
          StreamFixture.rule("prod", "public", "*", "x"),
          StreamFixture.rule("prod", "private", ".", "x"),
          StreamFixture.rule("prod", "lent", "shop", "x"),
          of("DestinationRule", "mine", "{host: public.test, exportTo: ['.']}"),
          of(
              "ServiceEntry",
              "ours",
              "{hosts: [ours.test], exportTo: [shop], resolution: STATIC,"
                  + " ports: [{number: 80, name: http, protocol: HTTP}]}"),
          """
          apiVersion: v1
          kind: Secret
          metadata: {name: key, namespace: prod}
          stringData: {tls.key: secret}
          """);

  @Test
  void aNamespaceSeesItsOwnAndWhatIsExportedToAll() {
    assertThat(ConfigCodec.write(Scopes.of(config, in("prod"))))
        .containsOnlyKeys(
            "VirtualService/prod/public",
            "VirtualService/prod/private",
            "DestinationRule/prod/mine");
  }

  @Test
  void anotherSeesWhatIsExportedToIt() {
    assertThat(ConfigCodec.write(Scopes.of(config, in("shop"))))
        .containsOnlyKeys(
            "VirtualService/prod/public", "VirtualService/prod/lent", "ServiceEntry/prod/ours");
  }

  @Test
  void policiesGoToTheirNamespaceAndThoseOfTheRootNamespaceToAll() {
    MeshConfig policies =
        StreamFixture.config(policy("prod"), policy("shop"), policy("istio-system"));

    assertThat(ConfigCodec.write(Scopes.of(policies, in("prod"))))
        .containsOnlyKeys("AuthorizationPolicy/prod/p", "AuthorizationPolicy/istio-system/p");
    assertThat(ConfigCodec.write(Scopes.of(policies, in("edge"))))
        .containsOnlyKeys("AuthorizationPolicy/istio-system/p");
  }

  @Test
  void aPolicyIsToldWithTheServiceThatItIsFor() {
    MeshConfig attached =
        StreamFixture.config(
            of(
                "ServiceEntry",
                "ours",
                "{hosts: [ours.test], exportTo: [shop], resolution: STATIC,"
                    + " ports: [{number: 80, name: http, protocol: HTTP}]}"),
            policy("prod")
                .replace(
                    "spec: {}",
                    "spec: {targetRefs: [{group: networking.istio.io, kind: ServiceEntry,"
                        + " name: ours}]}"));

    assertThat(ConfigCodec.write(Scopes.of(attached, in("prod"))))
        .containsOnlyKeys("AuthorizationPolicy/prod/p", "ServiceEntry/prod/ours");
  }

  @Test
  void aTelemetryIsToldWithTheServiceThatItIsFor() {
    MeshConfig attached =
        StreamFixture.config(
            of(
                "ServiceEntry",
                "ours",
                "{hosts: [ours.test], exportTo: [shop], resolution: STATIC,"
                    + " ports: [{number: 80, name: http, protocol: HTTP}]}"),
            """
            apiVersion: telemetry.istio.io/v1
            kind: Telemetry
            metadata: {name: t, namespace: prod}
            spec:
              targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: ours}]
              accessLogging: [{disabled: true}]
            """);

    assertThat(ConfigCodec.write(Scopes.of(attached, in("prod"))))
        .containsOnlyKeys("Telemetry/prod/t", "ServiceEntry/prod/ours");
  }

  @Test
  void whoseTokensCountIsToldLikewise() {
    MeshConfig tokens =
        StreamFixture.config(
            of(
                "ServiceEntry",
                "ours",
                "{hosts: [ours.test], exportTo: [shop], resolution: STATIC,"
                    + " ports: [{number: 80, name: http, protocol: HTTP}]}"),
            tokens(
                "prod",
                "targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: ours}],"),
            tokens("shop", ""),
            tokens("istio-system", ""));

    assertThat(ConfigCodec.write(Scopes.of(tokens, in("prod"))))
        .containsOnlyKeys(
            "RequestAuthentication/prod/t",
            "RequestAuthentication/istio-system/t",
            "ServiceEntry/prod/ours");
    assertThat(ConfigCodec.write(Scopes.of(tokens, in("edge"))))
        .containsOnlyKeys("RequestAuthentication/istio-system/t");
  }

  private static String tokens(String namespace, String attached) {
    return """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: t, namespace: %s}
        spec: {%s jwtRules: [{issuer: "https://issuer.test"}]}
        """
        .formatted(namespace, attached);
  }

  @Test
  void whoAsksAnAuthorizerSeesItsService() {
    MeshConfig asking =
        StreamFixture.config(
            of(
                "ServiceEntry",
                "authz",
                "{hosts: [authz.test], exportTo: ['.'], resolution: STATIC,"
                    + " ports: [{number: 80, name: http, protocol: HTTP}]}"),
            policy("shop")
                .replace("spec: {}", "spec: {action: CUSTOM, provider: {name: a}, rules: [{}]}"),
            """
            apiVersion: weft.dev/v1
            kind: ProxySettings
            metadata: {name: default, namespace: istio-system}
            spec:
              extensionProviders:
              - {name: a, envoyExtAuthzHttp: {service: authz.test, port: 80}}
            """);

    assertThat(ConfigCodec.write(Scopes.of(asking, in("shop"))))
        .containsKeys("AuthorizationPolicy/shop/p", "ServiceEntry/prod/authz");
    assertThat(ConfigCodec.write(Scopes.of(asking, in("other"))))
        .containsOnlyKeys("ProxySettings/istio-system/default");
  }

  @Test
  void whatIsForOtherLabelsIsForOtherPods() {
    MeshConfig selecting =
        StreamFixture.config(
            policy("prod"),
            policy("prod").replace("name: p", "name: mine").replace("{}", SELECTOR + "search}}}"),
            policy("prod").replace("name: p", "name: other").replace("{}", SELECTOR + "basket}}}"),
            of("Sidecar", "mine", "{workloadSelector: {labels: {app: search}}}"),
            of("Sidecar", "other", "{workloadSelector: {labels: {app: basket}}}"));

    assertThat(ConfigCodec.write(Scopes.of(selecting, pod("prod", Map.of("app", "search")))))
        .containsOnlyKeys(
            "AuthorizationPolicy/prod/p", "AuthorizationPolicy/prod/mine", "Sidecar/prod/mine");
    assertThat(ConfigCodec.write(Scopes.of(selecting, pod("prod", Map.of()))))
        .containsOnlyKeys("AuthorizationPolicy/prod/p");
    assertThat(ConfigCodec.write(Scopes.of(selecting, in("prod")))).hasSize(5);
    assertThat(ConfigCodec.write(Scopes.of(selecting, pod("shop", Map.of("app", "search")))))
        .isEmpty();
  }

  @Test
  void labelsThatNothingSelectsMakeNoScopeOfTheirOwn() {
    MeshConfig selecting =
        StreamFixture.config(of("Sidecar", "mine", "{workloadSelector: {labels: {app: search}}}"));
    Viewer one = pod("prod", Map.of("app", "search", "pod", "one"));
    Viewer two = pod("prod", Map.of("app", "search", "pod", "two"));

    assertThat(one.by(Scopes.labels(selecting))).isEqualTo(two.by(Scopes.labels(selecting)));
    assertThat(one.by(Scopes.labels(selecting))).isNotEqualTo(in("prod"));
  }

  private static Viewer in(String namespace) {
    return new Viewer(namespace, Optional.empty());
  }

  private static Viewer pod(String namespace, Map<String, String> labels) {
    return new Viewer(namespace, Optional.of(labels));
  }

  @Test
  void nobodySeesASecret() {
    assertThat(config.secrets()).hasSize(1);
    assertThat(Scopes.of(config, in("prod")).secrets()).isEmpty();
  }

  private static String policy(String namespace) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: %s}
        spec: {}
        """
        .formatted(namespace);
  }

  private static String of(String kind, String name, String spec) {
    return """
        apiVersion: networking.istio.io/v1
        kind: %s
        metadata: {name: %s, namespace: prod}
        spec: %s
        """
        .formatted(kind, name, spec);
  }
}
