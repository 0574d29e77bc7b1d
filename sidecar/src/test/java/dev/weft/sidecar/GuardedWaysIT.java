package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.TestCertificates;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** No way into an intercepted application leads past its policies. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class GuardedWaysIT extends PodsFixture {

  private static final int ATTEMPTS = 300;
  private static final String DENIED = "403 RBAC: access denied";
  private static final String SERVICES =
      shop(
              "{number: 80, name: http, protocol: HTTP, targetPort: 8000},"
                  + " {number: 7000, name: tcp-echo, protocol: TCP}")
          + PERMISSIVE;
  private static final String POLICY =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: p}
      spec: %s
      """;

  @Test
  void inPlaintextAndInMutualTlsNothingPassesThatAPolicyKeepsAway() throws Exception {
    TestCertificates mesh = new TestCertificates(Instant.now());
    mesh.good("spiffe://cluster.local/ns/default/sa/caller").write(folder.resolve("caller"));
    mesh.good("spiffe://cluster.local/ns/default/sa/shop").write(folder.resolve("shop"));
    String source = pods.config(SERVICES);
    other.serve("web", "10.77.0.2", "8000", "shop");
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7100", "echo");
    other.install();
    String shop = "dir:" + folder.resolve("shop");
    other.sidecar("--config", source, "--identity", shop, "--service-account", "default/shop");

    assertThat(http()).startsWith("200 shop ");
    assertThat(tcp()).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7100", "slow", "GET /x")).isEqualTo("GET /x");
    holds("{}", DENIED);
    assertThat(tcp()).isEqualTo("broken");
    assertThat(own.run("say", "10.77.0.2", "7100", "slow", "GET /x"))
        .as("what could be HTTP, and is not")
        .isEqualTo("broken");
    assertThat(other.refused("denied")).isEqualTo(2);

    own.install();
    String caller = "dir:" + folder.resolve("caller");
    own.sidecar("--config", source, "--identity", caller, "--service-account", "default/caller");
    assertThat(http()).isEqualTo(DENIED);
    assertThat(tcp()).isEqualTo("broken");
    holds(
        "{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/caller]}}],"
            + " when: [{key: destination.ip, values: [10.77.0.2]},"
            + " {key: destination.port, values: ['8000', '7000']}]}]}",
        "200 shop ");
    assertThat(tcp()).as("in mutual TLS, by the caller's identity").isEqualTo("same");
    holds(
        "{rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/caller]}}],"
            + " to: [{operation: {methods: [GET]}}]}]}",
        "200 shop ");
    assertThat(eventually("broken")).as("no connection has a method").isEqualTo("broken");
  }

  /** Writes the policy, and waits until a request meets it. */
  private void holds(String policy, String answer) throws Exception {
    SidecarFixture.replace(
        folder.resolve("config").resolve("all.yaml"), SERVICES + POLICY.formatted(policy));
    String told = http();
    for (int i = 0; i < ATTEMPTS && !told.startsWith(answer); i++) {
      told = http();
    }
    assertThat(told).startsWith(answer);
  }

  private String eventually(String wanted) throws IOException {
    String told = tcp();
    for (int i = 0; i < ATTEMPTS && !told.equals(wanted); i++) {
      told = tcp();
    }
    return told;
  }

  private String http() throws IOException {
    return own.curl("http://10.77.0.2:8000/");
  }

  private String tcp() throws IOException {
    return own.run("say", "10.77.0.2", "7000", "whole", "32");
  }
}
