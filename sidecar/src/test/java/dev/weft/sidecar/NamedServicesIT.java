package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Services that are known by their names alone, which the sidecar and programs look up. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class NamedServicesIT extends PodsFixture {

  private static final int ATTEMPTS = 300;
  private static final String SERVICES =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: outside}
      spec:
        hosts: [one.test, two.test]
        resolution: DNS
        location: MESH_EXTERNAL
        ports:
        - {number: 80, name: http, protocol: HTTP, targetPort: 8000}
        - {number: 7000, name: tcp, protocol: TCP}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: behind}
      spec:
        hosts: [behind.test]
        addresses: [10.96.0.30]
        resolution: DNS
        location: MESH_EXTERNAL
        ports: [{number: 70, name: tcp, protocol: TCP, targetPort: 7000}]
        endpoints: [{address: two.test}]
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: around}
      spec:
        hosts: [around.test]
        addresses: [10.96.0.31]
        resolution: DNS
        location: MESH_EXTERNAL
        ports:
        - {number: 80, name: http, protocol: HTTP, targetPort: 15006}
        - {number: 70, name: tcp, protocol: TCP, targetPort: 15006}
      ---
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: out}
      spec:
        hosts: [out.test]
        addresses: [10.96.0.32]
        resolution: STATIC
        location: MESH_EXTERNAL
        ports:
        - {number: 80, name: http, protocol: HTTP, targetPort: 15001}
        - {number: 70, name: tcp, protocol: TCP, targetPort: 15001}
        endpoints: [{address: 127.0.0.1}]
      """;

  private Path names;

  @BeforeEach
  void lookUp() throws Exception {
    names = folder.resolve("resolv.conf");
    Files.writeString(names, "nameserver 10.77.0.2\noptions timeout:1 attempts:2\n");
    other.program("ip", "addr", "add", "10.77.0.3/24", "dev", "eth0");
    other.serve(
        "dns",
        "10.77.0.2",
        "one.test=10.77.0.2",
        "two.test=10.77.0.3",
        "other.test=10.77.0.2",
        "around.test=10.77.0.1");
    own.install();
    own.resolving(names);
    own.sidecar("--config", pods.config(PERMISSIVE + SERVICES + REGISTRY_ONLY));
  }

  @Test
  void areReachedAtWhatTheirNamesSay() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "first");
    other.serve("web", "10.77.0.3", "8000", "second");
    other.serve("tcp", "10.77.0.2", "7000", "name", "first");
    other.serve("tcp", "10.77.0.3", "7000", "name", "second");

    assertThat(answered("http://one.test/a"))
        .isEqualTo("200 first /a host=one.test peer=10.77.0.1");
    assertThat(answered("http://two.test/b"))
        .isEqualTo("200 second /b host=two.test peer=10.77.0.1");
    assertThat(own.run("say", "one.test", "7000", "whole", "32")).isEqualTo("different");
    assertThat(own.run("say", "one.test", "7000", "slow", "x")).isEqualTo("first 1");
    assertThat(own.run("say", "two.test", "7000", "slow", "xy")).isEqualTo("second 2");
    assertThat(own.run("say", "10.96.0.30", "70", "slow", "xyz")).isEqualTo("second 3");
    assertThat(own.curl("http://other.test/")).as("of no service").startsWith("404 ");
    assertThat(own.run("say", "other.test", "7001", "whole", "32")).isIn("broken", "different");
    assertThat(own.refused("unknown_destination")).isEqualTo(1);
  }

  @Test
  void thatLeadBackToTheSidecarAreRefusedAsLoops() throws Exception {
    assertThat(looped("around.test", "10.96.0.31"))
        .startsWith("508 ")
        .contains("proxy-status: weft; error=proxy_loop_detected; cause=loop; hop=");
    counted(1);
    assertThat(looped("out.test", "10.96.0.32")).startsWith("508 ");
    counted(2);
    for (String address : new String[] {"10.96.0.31", "10.96.0.32"}) {
      assertThat(own.run("say", address, "70", "whole", "32")).isIn("broken", "different");
    }
    counted(4);
    assertThat(own.admin("/ready")).startsWith("200 ");
  }

  /** What the service says, once its name is known. */
  private String answered(String url) throws Exception {
    String answer = own.curl(url);
    for (int i = 0; i < ATTEMPTS && !answer.startsWith("200 "); i++) {
      answer = own.curl(url);
    }
    return answer;
  }

  /**
   * The answer with its head, once the service's name is known. It is asked at the service's own
   * address, since that of its name is this pod's, whose connections to itself no rule takes.
   */
  private String looped(String name, String address) throws Exception {
    String[] asking = {"-D", "-", "--resolve", name + ":80:" + address, "http://" + name + "/"};
    String answer = own.curl(asking);
    for (int i = 0; i < ATTEMPTS && !answer.contains("proxy_loop_detected"); i++) {
      answer = own.curl(asking);
    }
    return answer;
  }

  /** Where it arrives, which may be a moment after its caller was answered. */
  private void counted(int loops) throws Exception {
    for (int i = 0; i < ATTEMPTS && own.refused("loop") < loops; i++) {
      own.program("sleep", "0.05");
    }
    assertThat(own.refused("loop")).isGreaterThanOrEqualTo(loops);
  }
}
