package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers for TCP, and TLS that is ended here or carried as it is. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class ConnectionsIT extends ConnectionsFixture {

  private static final String UNKNOWN = "weft_refusals_total{reason=\"no_certificate_to_show\"}";

  @Test
  void tcpGoesByRulesAndWeightsAndEndsOneSideAtATime() throws Exception {
    begin(
        tcp(),
        service("db", "TCP", endpoint(echo("one"), "v1") + ", " + endpoint(echo("two"), "v2")),
        rules(
            "db",
            "db.test",
            "tcp: [{match: [{port: 1}], route: [{destination: {host: nobody.test}}]},"
                + " {route: [{destination: {host: db.test, subset: v1}, weight: 1},"
                + " {destination: {host: db.test, subset: v2}, weight: 1}]}]"));
    Set<String> heard = new HashSet<>();

    for (int i = 0; i < 40; i++) {
      heard.add(said("GET / HTTP/1.1\r\n\r\n"));
    }

    assertThat(heard)
        .containsExactlyInAnyOrder("one:GET / HTTP/1.1\r\n\r\n", "two:GET / HTTP/1.1\r\n\r\n");
    counted(40, "istio_tcp_connections_opened_total{");
    counted(40 * 18, "istio_tcp_received_bytes_total{");
  }

  @Test
  void aConnectionThatNoRuleIsForIsReset() throws Exception {
    begin(
        tcp(),
        service("db", "TCP", endpoint(echo("one"), "v1")),
        rules(
            "db",
            "db.test",
            "tcp: [{match: [{port: 1}], route: [{destination: {host: db.test}}]}]"));

    assertThat(said("x")).isEqualTo("broken");
    counted(1, "weft_refusals_total{reason=\"no_route\"}");
  }

  @Test
  void whomAPolicyKeepsAwayIsReset() throws Exception {
    begin(
        tcp(),
        service("db", "TCP", endpoint(echo("one"), "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: nobody, namespace: istio-system}
        spec: {}
        """);

    assertThat(said("x")).isEqualTo("broken");
    counted(1, "weft_refusals_total{reason=\"denied\"}");
  }

  @Test
  void tlsIsCarriedAsItIsByItsNameOrEndedHereOnOnePort() throws Exception {
    int passed = tlsEcho("passed");
    begin(
        """
        - {port: {number: %1$d, name: a, protocol: TLS}, bind: 127.0.0.1, hosts: ["*.pass.test"], tls: {mode: PASSTHROUGH}}
        - {port: {number: %1$d, name: b, protocol: TLS}, bind: 127.0.0.1, hosts: [ended.test], tls: {mode: SIMPLE, %2$s}}
        - {port: {number: %1$d, name: c, protocol: HTTPS}, bind: 127.0.0.1, hosts: [shop.test], tls: {mode: SIMPLE, %2$s}}
        """
            .formatted(port, certificate("edge")),
        service("passed", "TLS", endpoint(passed, "v1")),
        service("plain", "TCP", endpoint(lines("plain", new NetServerOptions()), "v1")),
        service(
            "backend", "HTTP", endpoint(backend(request -> request.response().end("web")), "v1")),
        rules(
            "passed",
            "'*.pass.test'",
            "tls: [{match: [{sniHosts: [a.pass.test]}], route: [{destination: {host: passed.test}}]}]"),
        rules("ended", "ended.test", "tcp: [{route: [{destination: {host: plain.test}}]}]"),
        rules("shop", "shop.test", "http: [{route: [{destination: {host: backend.test}}]}]"));

    assertThat(line(secured("a.pass.test"), "hello", "passed")).isEqualTo("passed hello");
    assertThat(line(secured("ended.test"), "hello", "edge")).isEqualTo("plain hello");
    assertThat(
            whole(
                secured("shop.test"),
                "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n",
                "edge"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("web");
    assertThatThrownBy(() -> line(secured("b.pass.test"), "hello", ""))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> line(secured("other.test"), "hello", ""))
        .isInstanceOf(IOException.class);
    counted(1, "weft_refusals_total{reason=\"no_route\"}");
    assertThat(eventually(() -> metric(UNKNOWN) > 0)).as(UNKNOWN).isTrue();
  }

  @Test
  void theNameOfAHandshakeMayNameItsDestination() throws Exception {
    String inside = service("inside", "TCP", endpoint(echo("inside"), "v1"));
    begin(
        "- {port: {number: %d, name: a, protocol: TLS}, bind: 127.0.0.1, hosts: ['*.test'], tls: {mode: AUTO_PASSTHROUGH}}"
            .formatted(port),
        inside
            .replace("resolution:", "location: MESH_INTERNAL\n  resolution:")
            .replace("labels:", "serviceAccount: a, labels:"),
        service("outside", "TCP", endpoint(echo("outside"), "v1")));
    String hello = hello("outbound_.90_._.inside.test");

    assertThat(said(hello)).as("whole, and in nothing else").isEqualTo("inside:" + hello);
    assertThat(said(hello("outbound_.90_._.outside.test"))).isEqualTo("broken");
    assertThat(said(hello("outbound_.91_._.inside.test"))).isEqualTo("broken");
    counted(2, "weft_refusals_total{reason=\"no_route\"}");
  }

  @Test
  void aServiceOutsideIsSpokenToInTlsWhereItsDestinationRuleSaysSo() throws Exception {
    int secured = tlsEcho("secured");
    begin(
        tcp(),
        service("db", "TLS", endpoint(secured, "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        origination("subjectAltNames: ['spiffe://mesh.test/ns/a/sa/secured']"));
    String first;
    try (var socket = connected()) {
      socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
      first = new String(socket.getInputStream().readNBytes(14), StandardCharsets.US_ASCII);
    }

    assertThat(first).isEqualTo("secured hello\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"subjectAltNames: ['spiffe://mesh.test/ns/a/sa/somebody']", "sni: db.test"})
  void whoIsNotNamedAsItsDestinationRuleSaysGetsNothing(String names) throws Exception {
    int secured = tlsEcho("secured");
    begin(
        tcp(),
        service("db", "TLS", endpoint(secured, "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        origination(names));

    assertThat(said("hello\n")).isEqualTo("broken");
    counted(1, "weft_refusals_total{reason=\"upstream_");
    counted(1, "weft_refusals_total{reason=\"unreachable\"}");
  }

  private String origination(String names) throws Exception {
    certificate("any");
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: db}
    spec:
      host: db.test
      trafficPolicy:
        tls:
          mode: SIMPLE
          caCertificates: %s/ca.crt
          %s
    """
        .formatted(state.resolve("any"), names);
  }

  private String tcp() {
    return "- {port: {number: %d, name: tcp, protocol: TCP}, bind: 127.0.0.1, hosts: ['*']}"
        .formatted(port);
  }

  /** The same with TLS. */
  private int tlsEcho(String name) throws Exception {
    Leaf leaf = authority.good("spiffe://mesh.test/ns/a/sa/" + name);
    return lines(
        name,
        new NetServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(leaf.certificate()))
                    .addKeyValue(Buffer.buffer(leaf.key()))));
  }

  /** A backend that answers each line with its name before it. */
  private int lines(String name, NetServerOptions options) throws Exception {
    NetServer server = kept(vertx.createNetServer(options)).exceptionHandler(refused -> {});
    server.connectHandler(
        socket ->
            socket.handler(text -> socket.write(name + " " + text)).exceptionHandler(broken -> {}));
    return await(server.listen(0, "127.0.0.1")).actualPort();
  }

  /** Says a line over a handshake with {@code who}, and gives the answer without its end. */
  private static String line(SSLSocket socket, String text, String who) throws Exception {
    try (socket) {
      proved(socket, who);
      socket.getOutputStream().write((text + "\n").getBytes(StandardCharsets.US_ASCII));
      StringBuilder answer = new StringBuilder();
      for (int c = socket.getInputStream().read();
          c != '\n' && c >= 0;
          c = socket.getInputStream().read()) {
        answer.append((char) c);
      }
      return answer.toString();
    }
  }

  /** Says all, and gives all that comes back until the other side ends. */
  private static String whole(SSLSocket socket, String text, String who) throws Exception {
    try (socket) {
      proved(socket, who);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static void proved(SSLSocket socket, String who) throws Exception {
    socket.startHandshake();
    X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    assertThat(shown.getSubjectAlternativeNames().iterator().next().get(1))
        .isEqualTo("spiffe://mesh.test/ns/a/sa/" + who);
  }

  /** The first bytes of a handshake; Java itself would not send such a name. */
  private static String hello(String name) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    String possible = name.replace('_', 'x');
    parameters.setServerNames(List.of(new SNIHostName(possible)));
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(1 << 15);
    engine.wrap(ByteBuffer.allocate(0), out);
    return new String(Arrays.copyOf(out.array(), out.position()), StandardCharsets.ISO_8859_1)
        .replace(possible, name);
  }
}
