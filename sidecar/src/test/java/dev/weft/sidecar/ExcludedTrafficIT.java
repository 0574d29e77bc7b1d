package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the rules leave alone goes past a sidecar that would refuse it: over both families, with
 * programs that know nothing.
 */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class ExcludedTrafficIT extends PodsFixture {

  @Test
  void portsNetworksUsersAndGroupsGoOutAsTheyAre() throws Exception {
    other.program("ip", "addr", "add", "10.77.0.3/24", "dev", "eth0");
    other.program("ip", "addr", "add", "fd77::3/64", "dev", "eth0", "nodad");
    other.serve("web", "0.0.0.0", "8000", "four");
    other.serve("web", "::", "8001", "both");
    other.serve("web", "fd77::2", "8000", "six");
    other.serve("web", "fd77::3", "8000", "six");
    own.install(
        "--exclude-outbound-ports",
        "8001",
        "--exclude-outbound-cidrs",
        "10.77.0.3/32,fd77::3/128",
        "--exclude-uids",
        "4242",
        "--exclude-gids",
        "4343");
    own.sidecar("--config", pods.config(PERMISSIVE + REGISTRY_ONLY));

    for (String address : new String[] {"10.77.0.2", "[fd77::2]"}) {
      String taken = "http://" + address + ":8000/";
      assertThat(own.curl(taken)).as("by the sidecar, to %s", address).startsWith("404 ");
      assertThat(own.curl("http://" + address + ":8001/")).as("the port").startsWith("200 both ");
      assertThat(as("--reuid", "4242", taken)).as("the user").startsWith("200");
      assertThat(as("--regid", "4343", taken)).as("the group").startsWith("200");
      assertThat(as("--reuid", "4243", taken)).as("another user").startsWith("404");
      assertThat(as("--regid", "4344", taken)).as("another group").startsWith("404");
    }
    assertThat(own.curl("http://10.77.0.3:8000/")).as("the network").startsWith("200 four ");
    assertThat(own.curl("http://[fd77::3]:8000/")).as("the network").startsWith("200 six ");
    assertThat(own.metric("istio_requests_total{")).as("what the sidecar saw").isEqualTo(6);
  }

  private String as(String flag, String id, String url) throws Exception {
    return own.program(
        "setpriv",
        flag,
        id,
        "--clear-groups",
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-m",
        "30",
        url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"REDIRECT", "TPROXY"})
  void portsAreReachedWithoutTheSidecar(String mode) throws Exception {
    own.serve("web", "::", "9000", "taken");
    own.serve("web", "::", "9001", "left");
    own.serve("web", "::", "9105", "range");
    own.install("--interception-mode", mode, "--exclude-inbound-ports", "9001,9100-9110");
    own.sidecar("--interception-mode", mode, "--config", pods.config(REGISTRY_ONLY));

    for (String address : new String[] {"10.77.0.1", "[fd77::1]"}) {
      String peer = address.startsWith("[") ? " peer=fd77::2" : " peer=::ffff:10.77.0.2";
      assertThat(other.curl("http://" + address + ":9000/"))
          .as("plaintext, where mTLS alone is taken")
          .startsWith("000 ");
      assertThat(other.curl("http://" + address + ":9001/")).startsWith("200 left ").endsWith(peer);
      assertThat(other.curl("http://" + address + ":9105/"))
          .startsWith("200 range ")
          .endsWith(peer);
    }
    assertThat(own.refused("plaintext")).isEqualTo(2);
  }
}
