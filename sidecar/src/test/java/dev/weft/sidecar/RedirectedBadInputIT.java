package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What is neither mTLS nor a request, over connections that the kernel redirected. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class RedirectedBadInputIT extends PodsFixture {

  private static final String QUICK =
      """
      ---
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {limits: {headerTimeout: 3s}}
      """;

  @Test
  void isRefusedInTimeWithItsCauseAndHarmsNobody() throws Exception {
    other.serve("web", "10.77.0.2", "9000", "strict");
    other.serve("web", "10.77.0.2", "9001", "either");
    other.install();
    String config =
        pods.config(
            strictBut("9001: {mode: PERMISSIVE}")
                + shop("{number: 9001, name: http, protocol: HTTP}")
                + QUICK);
    other.sidecar(pods.as("default/shop", "--config", config, "--labels", "app=shop"));

    Path said = own.start("bad", InterceptedPod.python("bad", "10.77.0.2", "9000", "9001"));
    String all = "";
    for (int i = 0; i < 3000 && !all.contains("all ended"); i++) {
      assertThat(own.curl("http://10.77.0.2:9001/")).as(all).startsWith("200 either ");
      all = Files.readString(said);
    }

    assertThat(all.lines()).as("each, in time").contains("all ended").hasSize(12);
    assertThat(all).doesNotContain("late");
    assertThat(other.refused("handshake")).isEqualTo(4);
    assertThat(other.refused("plaintext")).isEqualTo(2);
    assertThat(other.refused("protocol")).isEqualTo(2);
    assertThat(other.refused("silent")).isEqualTo(2);
    assertThat(other.refused("slow_head")).isEqualTo(1);
  }
}
