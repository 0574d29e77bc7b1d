package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Servers that speak first. Where something tells that they do, the wait for a caller's first bytes
 * is longer than the caller's patience, so that who gets an answer was not waited for.
 */
@EnabledIf(value = "possible", disabledReason = "needs root, ip and iptables with IPv6")
final class ServerFirstIT extends PodsFixture {

  private static final String LONG = "60000"; // milliseconds, as long as say.py waits
  private static final String ADDRESS = "10.96.0.9";
  private static final int UNSAID = 7020;

  /** By protocol, what a client of it is told. */
  private static final Map<String, String> TOLD =
      Map.of("smtp", "(250, b'3 lines')", "ftp", "/home", "mysql", "('8.0.36-test', True)");

  /** By protocol, the ports whose number tells. */
  private static final Map<String, List<Integer>> KNOWN =
      Map.of("smtp", List.of(25, 587), "ftp", List.of(21), "mysql", List.of(3306));

  /** A port of a service. */
  private record Port(int number, String protocol, String tells) {

    String slice() {
      return "{name: %s, port: %d}".formatted(name(), number);
    }

    String service() {
      String more = tells.equals("appProtocol") ? ", appProtocol: " + protocol : "";
      return "{name: %s, port: %d%s}".formatted(name(), number, more);
    }

    private String name() {
      return (tells.equals("name") ? protocol + "-" : "any-") + number;
    }
  }

  private static List<Port> ports() {
    List<Port> ports = new ArrayList<>();
    int next = 7010;
    for (String protocol : List.of("smtp", "ftp", "mysql")) {
      for (int known : KNOWN.get(protocol)) {
        ports.add(new Port(known, protocol, "number"));
      }
      for (String tells : List.of("name", "appProtocol")) {
        ports.add(new Port(next++, protocol, tells));
      }
    }
    ports.add(new Port(7100, "smtp", "annotation"));
    ports.add(new Port(7151, "ftp", "annotation"));
    ports.add(new Port(7200, "mysql", "annotation"));
    ports.add(new Port(UNSAID, "smtp", "nothing"));
    return ports;
  }

  private static String services() {
    return """
        apiVersion: v1
        kind: Service
        metadata:
          name: mixed
          annotations:
            alpha.istio.io/kubernetes-serviceaccounts: shop
            config.linkerd.io/opaque-ports: "7100,7150-7200"
        spec:
          clusterIP: %s
          ports: [%s]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: mixed-1, labels: {kubernetes.io/service-name: mixed}}
        ports: [%s]
        endpoints: [{addresses: [10.77.0.2]}]
        """
        .formatted(
            ADDRESS,
            String.join(", ", ports().stream().map(Port::service).toList()),
            String.join(", ", ports().stream().map(Port::slice).toList()));
  }

  private void begin(String ownWait, String otherWait) throws Exception {
    String config = pods.config(services());
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config, "--detection-wait", otherWait));
    own.install();
    own.sidecar(pods.as("default/caller", "--config", config, "--detection-wait", ownWait));
  }

  private void serve(Port port) throws Exception {
    other.serve("first", "serve", port.protocol, "10.77.0.2", Integer.toString(port.number));
  }

  @Test
  void areNotWaitedForWhereTheirPortTellsThatTheyDo() throws Exception {
    begin(LONG, LONG);
    for (Port port : ports()) {
      if (port.number != UNSAID) {
        serve(port);

        String told = own.run("first", "ask", port.protocol, ADDRESS, String.valueOf(port.number));

        assertThat(told).as(port.toString()).isEqualTo(TOLD.get(port.protocol));
      }
    }
    assertThat(other.admin("/metrics"))
        .containsPattern(
            "istio_tcp_connections_opened_total\\{[^}]*connection_security_policy=\"mutual_tls\"");
  }

  /** Whose caller's sidecar waits as long as it is told, once; the other one is told by mTLS. */
  @Test
  void areWaitedForOnceAndAsLongAsIsSaidWhereNothingTells() throws Exception {
    begin("4000", LONG);
    serve(new Port(UNSAID, "smtp", "nothing"));
    String port = Integer.toString(UNSAID);

    assertThat(own.run("first", "ask", "smtp", ADDRESS, port)).isEqualTo(TOLD.get("smtp"));

    assertThat(waited(own, ADDRESS, port))
        .as("milliseconds")
        .isBetween(4000, Integer.parseInt(LONG) - 1);
    assertThat(waited(own, ADDRESS, port, "\n")).as("whose caller speaks first").isLessThan(4000);
  }

  @Test
  void theWaitIsSaidToEachSidecar() throws Exception {
    serve(new Port(UNSAID, "smtp", "nothing"));
    String config = pods.config(services() + PERMISSIVE);
    String port = Integer.toString(UNSAID);
    other.install();
    other.sidecar(pods.as("default/shop", "--config", config, "--detection-wait", "5000"));

    int byItself = waited(own, "10.77.0.2", port);
    own.install();
    own.sidecar(pods.as("default/caller", "--config", config, "--detection-wait", "200"));

    assertThat(byItself).as("a caller without a sidecar").isGreaterThanOrEqualTo(5000);
    assertThat(waited(own, ADDRESS, port)).as("one whose sidecar waits less").isBetween(200, 4999);
  }

  private static int waited(InterceptedPod pod, String... rest) throws Exception {
    List<String> line = new ArrayList<>(List.of("wait"));
    line.addAll(List.of(rest));
    return Integer.parseInt(pod.run("first", line.toArray(String[]::new)));
  }
}
