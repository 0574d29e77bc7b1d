package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Programs that know nothing of a proxy, in namespaces whose connections a sidecar takes. */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class InterceptionIT extends PodsFixture {

  private static final String SHOP =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: shop}
      spec:
        hosts: [shop.test]
        resolution: STATIC
        location: %s
        ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}]
        endpoints: [{address: 10.77.0.2, serviceAccount: shop}]
      """;
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
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        clusterIP: 10.96.0.7
        ports: [{name: http, port: 80}, {name: tcp-lines, port: 70}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: shop-1, labels: {kubernetes.io/service-name: shop}}
      ports: [{name: http, port: 8000}, {name: tcp-lines, port: 7000}]
      endpoints: [{addresses: [10.77.0.2]}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: shop}
      spec:
        hosts: [shop]
        http: [{rewrite: {uri: /two}, route: [{destination: {host: shop, port: {number: 80}}}]}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: each}
      spec: {clusterIP: None, ports: [{name: http, port: 8000}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: each-1, labels: {kubernetes.io/service-name: each}}
      ports: [{name: http, port: 8000}]
      endpoints: [{addresses: [10.77.0.2]}, {addresses: ["fd77::2"]}]
      """;

  @Test
  void httpGoesByItsHostAndOtherwiseWhereItWasMeantToGo() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "v4");
    other.serve("web", "fd77::2", "8000", "v6");
    own.install();
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL")));

    assertThat(own.curl("http://10.77.0.2:8000/a"))
        .isEqualTo("200 v4 /a host=10.77.0.2:8000 peer=10.77.0.1");
    assertThat(own.curl("http://[fd77::2]:8000/b"))
        .isEqualTo("200 v6 /b host=[fd77::2]:8000 peer=fd77::1");
    assertThat(own.curl("--resolve", "shop.test:80:192.0.2.1", "http://shop.test/c"))
        .as("nobody is at that address, and the service is elsewhere")
        .isEqualTo("200 v4 /c host=shop.test peer=10.77.0.1");
    assertThat(requests("PassthroughCluster")).isEqualTo(1);
    assertThat(requests("shop.test")).as("by its Host, and its instance").isEqualTo(2);
  }

  private double requests(String service) throws IOException {
    return own.admin("/metrics")
        .lines()
        .filter(line -> line.startsWith("istio_requests_total{"))
        .filter(line -> line.contains("destination_service=\"" + service + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void whatIsNotHttpIsCarriedWholeBothWaysAndEndedOneSideAtATime() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    other.serve("tcp", "fd77::2", "7000", "echo");
    other.serve("tcp", "10.77.0.2", "7001", "banner");
    own.install();
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL")));

    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "16777216")).isEqualTo("same");
    assertThat(own.run("say", "fd77::2", "7000", "whole", "1048576")).isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7001", "listen", "QUIT"))
        .isEqualTo("220 ready|you said QUIT");
    assertThat(own.run("say", "10.77.0.2", "7000", "slow", "GET /no HTTP"))
        .isEqualTo("GET /no HTTP");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "0"))
        .as("not a byte")
        .isEqualTo("same");
    assertThat(own.run("say", "10.77.0.2", "7999", "whole", "32")).isEqualTo("broken");
    assertThat(own.refused("unreachable")).isEqualTo(1);
  }

  @Test
  void whoDoesNotReadStopsWhoWrites() throws Exception {
    Path go = folder.resolve("go");
    other.serve("tcp", "10.77.0.2", "7000", "lazy", go.toString());
    own.install();
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL")));

    String[] counts = own.run("say", "10.77.0.2", "7000", "fill", go.toString()).split(" ", -1);

    assertThat(Long.parseLong(counts[0]))
        .as("what sockets and two buffers hold")
        .isBetween(1L << 16, 1L << 26);
    assertThat(counts[1]).as("all of it arrived").isEqualTo(counts[0]);
  }

  @Test
  void whereOnlyTheRegistryCountsTheRestIsRefused() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "v4");
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    own.install();
    own.sidecar(
        "--config",
        pods.config(SHOP.formatted("MESH_EXTERNAL")),
        "--outbound-traffic-policy",
        "REGISTRY_ONLY");

    assertThat(own.curl("http://10.77.0.2:8001/")).startsWith("404 ");
    assertThat(own.curl("-H", "Host: shop.test", "http://10.77.0.2:8000/")).startsWith("200 v4 ");
    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isIn("broken", "different");
    assertThat(own.refused("unknown_destination")).isEqualTo(1);
  }

  @Test
  void anAddressOfAServiceMeansItsRulesAndThatOfAnInstanceThisInstance() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "v4");
    other.serve("web", "fd77::2", "8000", "v6");
    other.serve("tcp", "10.77.0.2", "7000", "banner");
    own.install();
    own.sidecar("--config", pods.config(SERVICES + REGISTRY_ONLY));

    assertThat(own.curl("http://10.96.0.7/a"))
        .as("no rule is for that Host, but there is one for the service")
        .isEqualTo("200 v4 /two host=10.96.0.7 peer=10.77.0.1");
    assertThat(own.curl("http://10.77.0.2:8000/b"))
        .as("and none of its rules for its instance")
        .isEqualTo("200 v4 /b host=10.77.0.2:8000 peer=10.77.0.1");
    for (int i = 0; i < 5; i++) {
      assertThat(own.curl("--resolve", "each:8000:[fd77::2]", "http://each:8000/c"))
          .startsWith("200 v6 ");
      assertThat(own.curl("--resolve", "each:8000:10.77.0.2", "http://each:8000/c"))
          .startsWith("200 v4 ");
    }
    assertThat(own.run("say", "10.96.0.7", "70", "listen", "QUIT"))
        .isEqualTo("220 ready|you said QUIT");
    assertThat(own.curl("http://[fd77::2]:8001/")).as("of no service").startsWith("404 ");
    assertThat(own.run("say", "10.77.0.2", "7999", "whole", "32")).isEqualTo("broken");
    assertThat(own.refused("unknown_destination")).isEqualTo(1);
    assertThat(requests("shop.default.svc.cluster.local")).isEqualTo(1);
    assertThat(requests("each.default.svc.cluster.local")).isEqualTo(11);
  }

  @Test
  void whatArrivesReachesTheApplicationOnThePortThatWasMeant() throws Exception {
    own.serve("web", "10.77.0.1", "9000", "first");
    own.serve("web", "fd77::1", "9001", "second");
    own.serve("web", "127.0.0.1", "9002", "private");
    own.serve("tcp", "10.77.0.1", "7000", "echo");
    own.install();
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL") + PERMISSIVE + SELF));

    assertThat(other.curl("http://10.77.0.1:9000/x"))
        .isEqualTo("200 first /x host=10.77.0.1:9000 peer=127.0.0.6");
    assertThat(other.curl("http://[fd77::1]:9001/y"))
        .isEqualTo("200 second /y host=[fd77::1]:9001 peer=::1");
    assertThat(other.curl("http://10.77.0.1:9002/z"))
        .as("of loopback alone")
        .isEqualTo("200 private /z host=10.77.0.1:9002 peer=127.0.0.6");
    assertThat(other.run("say", "10.77.0.1", "7000", "whole", "1048576")).isEqualTo("same");
    assertThat(own.curl("http://10.77.0.1:9000/self")).endsWith("peer=10.77.0.1");
    assertThat(own.run("say", "10.96.0.8", "7000", "whole", "32"))
        .as("a service that calls itself, out and in through the same sidecar")
        .isEqualTo("same");
  }

  @Test
  void aKubeletAsksOnTheHealthPortWhereOnlyMutualTlsIsTaken() throws Exception {
    own.serve("web", "10.77.0.1", "9000", "first");
    own.serve("tcp", "127.0.0.1", "7000", "echo");
    own.install();
    own.sidecar(
        "--config",
        pods.config(SHOP.formatted("MESH_EXTERNAL")),
        "--health",
        "0.0.0.0:15021",
        "--app-probe",
        "/app-health/a/readyz=http://10.77.0.1:9000/,/app-health/a/livez=tcp://:7000",
        "--app-probe",
        "/app-health/b/livez=tcp://:7999");

    assertThat(other.curl("http://10.77.0.1:9000/")).as("by itself").startsWith("000 ");
    assertThat(other.curl("http://10.77.0.1:15021/app-health/a/readyz")).startsWith("200 ");
    assertThat(other.curl("http://10.77.0.1:15021/app-health/a/livez")).startsWith("200 ");
    assertThat(other.curl("http://10.77.0.1:15021/app-health/b/livez"))
        .startsWith("503 ")
        .contains("127.0.0.1:7999");
    assertThat(other.curl("http://10.77.0.1:15021/app-health/c")).startsWith("404 ");
  }

  @Test
  void theApplicationSeesItsCallersWhereTheKernelHandsConnectionsOverAsTheyAre() throws Exception {
    own.serve("web", "10.77.0.1", "9000", "v4");
    own.serve("web", "fd77::1", "9000", "v6");
    own.serve("tcp", "10.77.0.1", "7000", "peer");
    other.serve("web", "10.77.0.2", "8000", "out");
    own.install("--interception-mode", "TPROXY");
    own.sidecar(
        "--interception-mode",
        "TPROXY",
        "--config",
        pods.config(SHOP.formatted("MESH_EXTERNAL") + PERMISSIVE));

    for (int i = 0; i < 3; i++) {
      assertThat(other.curl("http://10.77.0.1:9000/"))
          .isEqualTo("200 v4 / host=10.77.0.1:9000 peer=10.77.0.2");
      assertThat(other.run("say", "10.77.0.1", "7000", "listen", "")).startsWith("10.77.0.2");
    }
    assertThat(other.curl("http://[fd77::1]:9000/"))
        .isEqualTo("200 v6 / host=[fd77::1]:9000 peer=fd77::2");
    assertThat(own.curl("http://10.77.0.2:8000/")).startsWith("200 out ");
    assertThat(other.curl("http://10.77.0.1:15006/")).as("meant for the proxy").startsWith("000 ");
    assertThat(own.refused("loop")).isEqualTo(1);
  }

  @Test
  void whatIsMeantForTheProxyItselfIsALoop() throws Exception {
    own.install();
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL") + PERMISSIVE));

    assertThat(other.curl("http://10.77.0.1:15006/")).startsWith("000 ");
    assertThat(other.curl("http://10.77.0.1:15001/")).startsWith("000 ");
    assertThat(other.curl("http://[fd77::1]:15006/")).startsWith("000 ");
    assertThat(own.curl("http://127.0.0.1:15001/")).startsWith("000 ");
    assertThat(own.refused("loop")).isEqualTo(4);
  }

  @Test
  void aSidecarThatTheRulesDoNotKnowRefusesWhatComesBackToIt() throws Exception {
    other.serve("tcp", "10.77.0.2", "7000", "echo");
    own.install("--proxy-uid", "4242");
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL")));

    assertThat(own.run("say", "10.77.0.2", "7000", "whole", "32")).isIn("broken", "different");
    assertThat(own.refused("loop")).isBetween(1.0, 2.0);
  }

  @Test
  void requestsThatComeBackToItAreRefusedToo() throws Exception {
    other.serve("web", "10.77.0.2", "8000", "v4");
    own.install("--proxy-uid", "4242");
    own.sidecar("--config", pods.config(SHOP.formatted("MESH_EXTERNAL")));

    for (int i = 0; i < 3; i++) {
      assertThat(own.curl("http://10.77.0.2:8000/")).containsPattern("^50[38] ");
      assertThat(own.curl("-H", "Host: shop.test", "http://192.0.2.9/"))
          .containsPattern("^50[38] ");
    }
    assertThat(own.metric("weft_upstream_connections{")).as("none goes around").isZero();
    assertThat(own.admin("/ready")).startsWith("200 ");
  }

  @Test
  void betweenTwoSidecarsItIsMutualTlsAndPlaintextIsRefused() throws Exception {
    TestCertificates mesh = new TestCertificates(Instant.now());
    mesh.good("spiffe://cluster.local/ns/default/sa/caller").write(folder.resolve("caller"));
    mesh.good("spiffe://cluster.local/ns/default/sa/shop").write(folder.resolve("shop"));
    String config = pods.config(SHOP.formatted("MESH_INTERNAL"));
    other.serve("web", "0.0.0.0", "8000", "shop");
    other.install();
    String shop = "dir:" + folder.resolve("shop");
    other.sidecar("--config", config, "--identity", shop, "--service-account", "default/shop");

    String plain = own.curl("http://10.77.0.2:8000/");
    own.install();
    String caller = "dir:" + folder.resolve("caller");
    own.sidecar("--config", config, "--identity", caller, "--service-account", "default/caller");
    String meshed = own.curl("--resolve", "shop.test:80:192.0.2.1", "http://shop.test/");

    assertThat(plain).startsWith("000 ");
    assertThat(other.refused("plaintext")).isEqualTo(1);
    assertThat(meshed).isEqualTo("200 shop / host=shop.test peer=127.0.0.6");
    assertThat(other.admin("/metrics"))
        .contains("source_principal=\"spiffe://cluster.local/ns/default/sa/caller\"");
  }
}
