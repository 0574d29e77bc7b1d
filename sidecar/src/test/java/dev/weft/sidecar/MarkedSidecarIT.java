package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sidecar that the rules know by its mark, whoever runs it, on ports of its own. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class MarkedSidecarIT extends PodsFixture {

  private static final String[] RULES = {
    "--proxy-mark", "0x53a", "--outbound-port", "16001", "--inbound-port", "16006"
  };
  private static final String SELF =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: self}
      spec:
        hosts: [self.test]
        resolution: STATIC
        addresses: [10.96.0.8]
        ports: [{number: 7000, name: tcp-echo, protocol: TCP}]
        endpoints: [{address: 10.77.0.1}]
      """;
  private static final String PORTS =
      "{number: 8000, name: http, protocol: HTTP}, {number: 7000, name: tcp, protocol: TCP}";

  @ParameterizedTest(name = "user {0}")
  @ValueSource(strings = {"0", "4242"})
  void goesOutAndComesInWithoutALoop(String user) throws Exception {
    own.serve("web", "10.77.0.1", "9000", "in");
    own.serve("tcp", "10.77.0.1", "7000", "echo");
    other.serve("web", "10.77.0.2", "8000", "out");
    other.serve("web", "fd77::2", "8000", "six");
    other.serve("tcp", "10.77.0.2", "7001", "echo");
    own.install(RULES);
    own.sidecarAs(user, with("--config", pods.config(PERMISSIVE + SELF)));

    assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 out ");
    assertThat(own.curl("http://[fd77::2]:8000/")).startsWith("200 six ");
    assertThat(own.run("say", "10.77.0.2", "7001", "whole", "1048576")).isEqualTo("same");
    assertThat(other.curl("http://10.77.0.1:9000/")).endsWith(" peer=127.0.0.6");
    assertThat(other.run("say", "10.77.0.1", "7000", "whole", "1048576")).isEqualTo("same");
    assertThat(own.run("say", "10.96.0.8", "7000", "whole", "32"))
        .as("a service that calls itself")
        .isEqualTo("same");
    assertThat(own.metric("istio_requests_total{")).as("through the sidecar").isEqualTo(3);
    assertThat(own.refused("loop")).isZero();
    assertThat(other.curl("http://10.77.0.1:16006/")).as("its own port").startsWith("000 ");
    assertThat(own.refused("loop")).isEqualTo(1);
  }

  @Test
  void goesToOthersOverMutualTlsToo() throws Exception {
    String source = pods.config(shop(PORTS));
    other.serve("web", "10.77.0.2", "8000", "shop");
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.install();
    other.sidecar(pods.as("default/shop", "--config", source));
    own.install(RULES);
    own.sidecarAs("0", with(pods.as("default/caller", "--config", source)));

    assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 shop ");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "1048576")).isEqualTo("same");
    assertThat(other.refused("plaintext")).isZero();
    assertThat(own.refused("loop")).isZero();
  }

  @Test
  void leavesCallersTheirAddressesToo() throws Exception {
    own.serve("web", "10.77.0.1", "9000", "in");
    other.serve("web", "10.77.0.2", "8000", "out");
    own.install(
        "--interception-mode", "TPROXY", "--proxy-mark", "0x53a", "--inbound-port", "16006");
    own.sidecarAs(
        "4242",
        "--interception-mode",
        "TPROXY",
        "--proxy-mark",
        "0x53a",
        "--inbound-port",
        "16006",
        "--config",
        pods.config(PERMISSIVE));

    assertThat(other.curl("http://10.77.0.1:9000/")).endsWith(" peer=10.77.0.2");
    assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 out ");
    assertThat(own.refused("loop")).isZero();
  }

  private static String[] with(String... flags) {
    return Stream.concat(Stream.of(RULES), Stream.of(flags)).toArray(String[]::new);
  }
}
