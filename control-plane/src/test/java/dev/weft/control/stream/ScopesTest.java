package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import org.junit.jupiter.api.Test;

final class ScopesTest {

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
    assertThat(ConfigCodec.write(Scopes.of(config, "prod")))
        .containsOnlyKeys(
            "VirtualService/prod/public",
            "VirtualService/prod/private",
            "DestinationRule/prod/mine");
  }

  @Test
  void anotherSeesWhatIsExportedToIt() {
    assertThat(ConfigCodec.write(Scopes.of(config, "shop")))
        .containsOnlyKeys(
            "VirtualService/prod/public", "VirtualService/prod/lent", "ServiceEntry/prod/ours");
  }

  @Test
  void policiesGoToTheirNamespaceAndThoseOfTheRootNamespaceToAll() {
    MeshConfig policies =
        StreamFixture.config(policy("prod"), policy("shop"), policy("istio-system"));

    assertThat(ConfigCodec.write(Scopes.of(policies, "prod")))
        .containsOnlyKeys("AuthorizationPolicy/prod/p", "AuthorizationPolicy/istio-system/p");
    assertThat(ConfigCodec.write(Scopes.of(policies, "edge")))
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

    assertThat(ConfigCodec.write(Scopes.of(attached, "prod")))
        .containsOnlyKeys("AuthorizationPolicy/prod/p", "ServiceEntry/prod/ours");
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

    assertThat(ConfigCodec.write(Scopes.of(tokens, "prod")))
        .containsOnlyKeys(
            "RequestAuthentication/prod/t",
            "RequestAuthentication/istio-system/t",
            "ServiceEntry/prod/ours");
    assertThat(ConfigCodec.write(Scopes.of(tokens, "edge")))
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
  void nobodySeesASecret() {
    assertThat(config.secrets()).hasSize(1);
    assertThat(Scopes.of(config, "prod").secrets()).isEmpty();
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
