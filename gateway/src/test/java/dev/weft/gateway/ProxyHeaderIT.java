package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** A load balancer in front says by a PROXY header whom a connection is from. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class ProxyHeaderIT extends ConnectionsFixture {

  private static final String TRUSTING =
      """
      apiVersion: weft.dev/v1
      kind: ProxySettings
      metadata: {name: default}
      spec: {edge: {trustedProxies: 1, proxyProtocol: true}}
      """;
  private static final String LOCAL = // a health check of the load balancer itself
      "\r\n\r\n\0\r\nQUIT\n \0\0\0";

  private String server(String protocol) {
    return "- {port: {number: %d, name: one, protocol: %s}, bind: 127.0.0.1, hosts: ['*']}"
        .formatted(port, protocol);
  }

  private static String rule(String policy) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: db}
    spec: {host: db.test, trafficPolicy: %s}
    """
        .formatted(policy);
  }

  private static String from(String address) {
    return "PROXY TCP4 " + address + " 198.51.100.1 4711 80\r\n";
  }

  @Test
  void theCallersAddressComesInAndGoesOn() throws Exception {
    begin(
        server("TCP"),
        service("db", "TCP", endpoint(echo("db"), "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        rule("{proxyProtocol: {version: V1}}"),
        TRUSTING);

    assertThat(said(from("203.0.113.7") + "hello"))
        .isEqualTo("db:PROXY TCP4 203.0.113.7 127.0.0.1 4711 " + port + "\r\nhello");
    assertThat(said(LOCAL + "hello"))
        .matches("db:PROXY TCP4 127\\.0\\.0\\.1 127.* \\d+ \\d+\r\nhello");
    assertThat(said("hello, this is no header\r\n")).isIn("broken", "");
    assertThat(said("PROXY TCP4 nobody 198.51.100.1 1 1\r\nhello")).isIn("broken", "");
    counted(2, "weft_refusals_total{reason=\"proxy_header\"}");
  }

  @Test
  void theSecondVersionComesInAndGoesOnInBothFamilies() throws Exception {
    begin(
        server("TCP"),
        service("db", "TCP", endpoint(echo("db"), "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        rule("{proxyProtocol: {version: V2}}"),
        TRUSTING);
    String four = v2(0x11, "203.0.113.7", "198.51.100.1", 80);
    String six = v2(0x21, "2001:db8::7", "2001:db8::1", 80);

    assertThat(said(four + "hello"))
        .isEqualTo("db:" + v2(0x11, "203.0.113.7", "127.0.0.1", port) + "hello");
    assertThat(said(six + "hello"))
        .as("who is of IPv6 came to an address of IPv4")
        .isEqualTo("db:" + v2(0x21, "2001:db8::7", "::ffff:127.0.0.1", port) + "hello");
    assertThat(said(from("203.0.113.7") + "hello"))
        .as("the first in, the second out")
        .isEqualTo("db:" + v2(0x11, "203.0.113.7", "127.0.0.1", port) + "hello");
    assertThat(said(four.replace('!', '1') + "hello")).as("a third version").isIn("broken", "");
    counted(1, "weft_refusals_total{reason=\"proxy_header\"}");
  }

  /** A header from port 4711. */
  private static String v2(int family, String from, String to, int port) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(64);
    byte[] source = bytes(from, family);
    byte[] destination = bytes(to, family);
    all.put(LOCAL.substring(0, 12).getBytes(StandardCharsets.ISO_8859_1));
    all.put((byte) 0x21).put((byte) family).putShort((short) (2 * source.length + 4));
    all.put(source).put(destination).putShort((short) 4711).putShort((short) port);
    return new String(all.array(), 0, all.position(), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String address, int family) throws IOException {
    byte[] bytes = InetAddress.getByName(address).getAddress();
    if (family == 0x11 || bytes.length == 16) {
      return bytes;
    }
    byte[] mapped = new byte[16]; // Java takes the prefix away
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }

  @Test
  void requestsAreFromWhomItSaysAndNobodyElseIsBelieved() throws Exception {
    int backend = backend(request -> request.response().end(request.getHeader("x-forwarded-for")));
    begin(
        server("HTTP"),
        service("db", "HTTP", endpoint(backend, "v1")),
        rules("db", "db.test", "http: [{route: [{destination: {host: db.test}}]}]"),
        TRUSTING);
    String get =
        "GET / HTTP/1.1\r\nHost: db.test\r\nX-Forwarded-For: 1.1.1.1\r\nConnection: close\r\n\r\n";

    assertThat(said(from("203.0.113.7") + get))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\n203.0.113.7");
    assertThat(said(get)).isIn("broken", "");
  }

  @Test
  void aCallersConnectionsGoToOneEndpointByHisAddress() throws Exception {
    begin(
        server("TCP"),
        service("db", "TCP", endpoint(echo("one"), "v1") + ", " + endpoint(echo("two"), "v2")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        rule("{loadBalancer: {consistentHash: {useSourceIp: true}}}"),
        TRUSTING);
    Set<String> each = new HashSet<>();

    for (int caller = 1; caller <= 20; caller++) {
      Set<String> one = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        one.add(said(from("203.0.113." + caller)));
      }
      assertThat(one).as("of caller " + caller).hasSize(1);
      each.addAll(one);
    }

    assertThat(each).containsExactlyInAnyOrder("one:", "two:");
  }
}
