package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Applications that listen on loopback alone, and are reached on the port that callers mean. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class LoopbackApplicationsIT extends PodsFixture {

  @Test
  void areReachedOverBothFamiliesAndWhoeverListensAtThePodIsToo() throws Exception {
    own.serve("web", "127.0.0.1", "9000", "four");
    own.serve("web", "::1", "9000", "six");
    own.serve("tcp", "127.0.0.1", "7000", "echo");
    own.serve("tcp", "::1", "7000", "echo");
    own.serve("web", "127.0.0.1", "9001", "loopback");
    own.serve("web", "10.77.0.1", "9001", "pod");
    own.serve("web", "fd77::1", "9003", "pod six");
    own.serve("web", "::", "9004", "all");
    own.install();
    own.sidecar("--config", pods.config(PERMISSIVE));

    for (int i = 0; i < 3; i++) {
      assertThat(other.curl("http://10.77.0.1:9000/a"))
          .isEqualTo("200 four /a host=10.77.0.1:9000 peer=127.0.0.6");
      assertThat(other.curl("http://[fd77::1]:9000/b"))
          .isEqualTo("200 six /b host=[fd77::1]:9000 peer=::1");
      assertThat(other.run("say", "10.77.0.1", "7000", "whole", "1048576")).isEqualTo("same");
      assertThat(other.run("say", "fd77::1", "7000", "whole", "1048576")).isEqualTo("same");
      assertThat(other.curl("http://10.77.0.1:9001/")).startsWith("200 pod ");
      assertThat(other.curl("http://[fd77::1]:9003/")).startsWith("200 pod six ");
      assertThat(other.curl("http://[fd77::1]:9004/")).startsWith("200 all ");
      assertThat(other.curl("http://10.77.0.1:9004/")).startsWith("200 all ");
    }
    assertThat(other.curl("http://10.77.0.1:9002/")).as("nobody at all").startsWith("503 ");
    assertThat(other.run("say", "10.77.0.1", "7002", "whole", "32")).isEqualTo("broken");
    assertThat(own.refused("unreachable")).isEqualTo(1);
  }

  @Test
  void areReachedThroughMutualTlsToo() throws Exception {
    other.serve("web", "127.0.0.1", "8000", "private");
    other.serve("tcp", "127.0.0.1", "7000", "echo");
    pods.meshed(
        shop(
            "{number: 8000, name: http, protocol: HTTP},"
                + " {number: 7000, name: tcp, protocol: TCP}"));

    assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 private ");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "1048576")).isEqualTo("same");
  }

  @Test
  void thatMoveAreFoundAgain() throws Exception {
    own.install();
    own.sidecar("--config", pods.config(PERMISSIVE));

    for (String address : new String[] {"127.0.0.1", "10.77.0.1", "0.0.0.0", "127.0.0.1"}) {
      Process application = own.running("web", address, "9000", "at " + address);
      assertThat(other.curl("http://10.77.0.1:9000/")).startsWith("200 at " + address + " ");
      application.destroyForcibly().waitFor();
    }
    assertThat(other.curl("http://10.77.0.1:9000/")).startsWith("503 ");
  }

  @Test
  void portsOfTheSidecarOnLoopbackAreNotReached() throws Exception {
    own.install();
    own.sidecar("--config", pods.config(PERMISSIVE), "--outbound", "127.0.0.1:15011");

    assertThat(own.curl("http://127.0.0.1:15000/ready")).startsWith("200 ");
    assertThat(other.curl("-H", "Host: 127.0.0.1:15000", "http://10.77.0.1:15000/ready"))
        .as("admin")
        .startsWith("503 ");
    assertThat(other.curl("http://10.77.0.1:15011/")).as("--outbound").startsWith("503 ");
    assertThat(other.run("say", "10.77.0.1", "15000", "whole", "32")).isEqualTo("broken");
    assertThat(other.curl("http://10.77.0.1:15001/")).as("outbound").startsWith("000 ");
  }

  @Test
  void areReachedWhereOthersSeeTheirCallersToo() throws Exception {
    own.serve("web", "127.0.0.1", "9000", "private");
    own.serve("web", "10.77.0.1", "9001", "pod");
    own.serve("tcp", "::1", "7000", "peer");
    own.install("--interception-mode", "TPROXY");
    own.sidecar("--interception-mode", "TPROXY", "--config", pods.config(PERMISSIVE));

    for (int i = 0; i < 3; i++) {
      assertThat(other.curl("http://10.77.0.1:9000/")).endsWith(" peer=127.0.0.6");
      assertThat(other.curl("http://10.77.0.1:9001/")).endsWith(" peer=10.77.0.2");
      assertThat(other.run("say", "fd77::1", "7000", "listen", "")).isEqualTo("::1");
    }
  }
}
