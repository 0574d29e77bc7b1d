package dev.weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.cli.Launched.Run;
import dev.weft.testkit.Tools;
import dev.weft.testkit.kube.KubeApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** {@code weft explain} of what stands in a ConfigMap of a real API server. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "no API server is built: testkit/kube/build.sh")
final class ExplainConfigMapIT {

  private static final String MAP =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: routes, namespace: prod}
      data:
        shop.yaml: |
          apiVersion: networking.istio.io/v1
          kind: VirtualService
          metadata: {name: shop}
          spec:
            hosts: [shop.test]
            http: [{directResponse: {status: 204}}]
      """;

  @TempDir private Path folder;

  static boolean canStart() {
    return Tools.there(KubeApiServer.missing().stream());
  }

  @Test
  void aConfigMapIsExplainedAsAFolderIs() throws Exception {
    try (KubeApiServer kube = KubeApiServer.start()) {
      kube.kubectl("create", "namespace", "prod");
      Path file = Files.writeString(folder.resolve("map.yaml"), MAP);
      kube.kubectl("apply", "-f", file.toString());
      Map<String, String> known = Map.of("KUBECONFIG", kube.kubeconfig().toString());

      Run told = explained(known, "configmap:prod/routes");
      Run none = explained(known, "configmap:prod/other");
      Run nobody = explained(Map.of("KUBECONFIG", "/no/kubeconfig"), "configmap:prod/routes");
      Run wrong = explained(known, "http://x");

      assertThat(told.output()).contains("YES prod/shop#0").contains("204");
      assertThat(told.code()).isZero();
      assertThat(none.output())
          .isEqualTo("weft: configmap:prod/other: there is no such ConfigMap\n");
      assertThat(none.code()).isEqualTo(1);
      assertThat(nobody.output()).contains("/no/kubeconfig").doesNotContain("\tat ");
      assertThat(nobody.code()).isNotZero();
      assertThat(wrong.output()).contains("--config http://x (expected: dir:PATH, configmap:");
      assertThat(wrong.code()).isEqualTo(2);
    }
  }

  private Run explained(Map<String, String> variables, String source) throws Exception {
    try (Launched launched =
        Launched.weft(
            folder, variables, "explain", "--config", source, "GET", "http://shop.test/")) {
      return launched.ended(60);
    }
  }
}
