package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.kubernetes.ApiAccess.Found;
import dev.weft.kubernetes.ApiAccess.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApiAccessTest {

  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Config
      clusters:
      - name: here
        cluster: {server: "%s"%s}
      contexts:
      - name: here
        context: {cluster: here, user: me}
      current-context: here
      users:
      - name: me
        user: {token: secret}
      """;

  @TempDir private Path folder;

  @Test
  void whereThereIsNothingItIsSaid() {
    assertThatThrownBy(() -> ApiAccess.find(places(Map.of())))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessage(
            "no Kubernetes here: KUBECONFIG is not set, this is not a pod, and "
                + folder.resolve(".kube/config")
                + " is not there");
  }

  @Test
  void theNamedFileComesFirst() throws IOException {
    pod();
    Path file = file("named", "https://10.0.0.1:6443", "");

    Found found =
        ApiAccess.find(
            places(
                Map.of("KUBECONFIG", "/absent:" + file, "KUBERNETES_SERVICE_HOST", "10.96.0.1")));

    assertThat(found.config().getMasterUrl()).isEqualTo("https://10.0.0.1:6443/");
    assertThat(found.ownNamespace()).isEmpty();
  }

  @Test
  void aPodUsesItsServiceAccountAndReadsARenewedToken() throws IOException {
    pod();

    Found found =
        ApiAccess.find(
            places(
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443")));

    assertThat(found.config().getMasterUrl()).isEqualTo("https://[fd00::1]:6443/");
    assertThat(found.ownNamespace()).contains("weft-system");
    assertThat(found.config().getOauthTokenProvider().getToken()).isEqualTo("one");
    Files.writeString(folder.resolve("sa/token"), "two");
    assertThat(found.config().getOauthTokenProvider().getToken()).isEqualTo("two");
  }

  @Test
  void whereTheKubeletsWordIsForAnotherOursCounts() throws IOException {
    pod();

    Found found =
        ApiAccess.find(
            places(
                Map.of(
                    "KUBERNETES_SERVICE_HOST", "127.0.0.1",
                    "KUBERNETES_SERVICE_PORT", "15011",
                    "WEFT_KUBERNETES_HOST", "10.96.0.1",
                    "WEFT_KUBERNETES_PORT", "6443")));

    assertThat(found.config().getMasterUrl()).isEqualTo("https://10.96.0.1:6443/");
  }

  @Test
  void aPodWithoutACaIsRefused() throws IOException {
    pod();
    Files.delete(folder.resolve("sa/ca.crt"));

    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBERNETES_SERVICE_HOST", "10.96.0.1"))))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessage(
            folder.resolve("sa/ca.crt") + ": not there, so the API server cannot be verified");
  }

  @Test
  void aServerThatIsNotVerifiedIsRefused() throws IOException {
    Path skip = file("skip", "https://10.0.0.1:6443", ", insecure-skip-tls-verify: true");
    Path plain = file("plain", "http://10.0.0.1:8080", "");

    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBECONFIG", skip.toString()))))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessageStartingWith("insecure-skip-tls-verify: true (expected: false)");
    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBECONFIG", plain.toString()))))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessageContaining("plain text is refused");
  }

  @Test
  void aFileThatIsAbsentOrNoKubeconfigIsSaid() throws IOException {
    Path garbage = folder.resolve("garbage");
    Files.writeString(garbage, "{{{");
    Path empty = folder.resolve("empty");
    Files.writeString(empty, "apiVersion: v1\nkind: Config\n");

    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBECONFIG", "/absent"))))
        .hasMessage("KUBECONFIG: /absent is not there");
    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBECONFIG", garbage.toString()))))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessageStartingWith(garbage + " is not a kubeconfig: ");
    assertThatThrownBy(() -> ApiAccess.find(places(Map.of("KUBECONFIG", empty.toString()))))
        .isInstanceOf(KubernetesFailure.class)
        .hasMessageContaining("no current-context");
  }

  private Places places(Map<String, String> environment) {
    return new Places(environment, folder, folder.resolve("sa"));
  }

  private void pod() throws IOException {
    Path account = Files.createDirectories(folder.resolve("sa"));
    Files.writeString(account.resolve("token"), "one\n");
    Files.writeString(account.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\n");
    Files.writeString(account.resolve("namespace"), "weft-system");
  }

  private Path file(String name, String server, String more) throws IOException {
    return Files.writeString(folder.resolve(name), CLUSTER.formatted(server, more));
  }
}
