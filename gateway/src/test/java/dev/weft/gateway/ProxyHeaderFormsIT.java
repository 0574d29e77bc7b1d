package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.listener.Refusals;
import dev.weft.testkit.LogLines;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every form of a PROXY header, good and bad, and what a service behind is told in turn.
 *
 * <p>Source: HAProxy's PROXY protocol, sections 2.1 and 2.2.
 */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class ProxyHeaderFormsIT extends ConnectionsFixture {

  private static final String REFUSED = "weft_refusals_total{reason=\"proxy_header\"}";
  private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
  private static final String FOUR = "\313\0\161\7\306\63\144\1\22\147\0\120"; // 203.0.113.7:4711
  private static final String PROXY = "!";
  private static final String LOCAL = " ";
  private static final String OVER_IPV4 = "\21";
  private static final String OVER_IPV6 = "!";
  private static final String UNSPECIFIED = "\0";
  private static final String OVER_UNIX = "1";
  private static final String HELLO = "hello, world";
  private static final String OWN = "127.0.0.1";
  private static final String TOLD = "203.0.113.7";
  private static final String LONGEST_UNKNOWN =
      "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
          + " ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

  private void begin(String headerTimeout) throws Exception {
    begin(
        "- {port: {number: %d, name: one, protocol: TCP}, bind: 127.0.0.1, hosts: ['*']}"
            .formatted(port),
        service("db", "TCP", endpoint(echo("db"), "v1")),
        rules("db", "db.test", "tcp: [{route: [{destination: {host: db.test}}]}]"),
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: db}
        spec: {host: db.test, trafficPolicy: {proxyProtocol: {version: V1}}}
        """,
        """
        apiVersion: weft.dev/v1
        kind: ProxySettings
        metadata: {name: default}
        spec:
          edge: {trustedProxies: 1, proxyProtocol: true}
          limits: {headerTimeout: %s}
        """
            .formatted(headerTimeout));
  }

  private static String v2(String command, String family, String rest) {
    char high = (char) (rest.length() >> 8);
    char low = (char) (rest.length() & 255);
    return SIGNATURE + command + family + high + low + rest;
  }

  private static String tlv(int type, String value) {
    return "" + (char) type + (char) (value.length() >> 8) + (char) (value.length() & 255) + value;
  }

  /** Addresses of IPv6, from 2001:db8::7 port 4711. */
  private static String six() {
    String network = " \1\15\270\0\0\0\0\0\0\0\0\0\0\0";
    return network + "\7" + network + "\1" + "\22\147\0\120";
  }

  private static Stream<Arguments> good() {
    String ssl = tlv(0x20, "\1\0\0\0\0" + tlv(0x21, "TLSv1.3") + tlv(0x22, "shop.test"));
    return Stream.of(
        Arguments.of("v1 TCP4", "PROXY TCP4 203.0.113.7 198.51.100.1 4711 80\r\n", TOLD),
        Arguments.of("v1 TCP6", "PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n", "2001:db8::7"),
        Arguments.of("v1 UNKNOWN", "PROXY UNKNOWN\r\n", OWN),
        Arguments.of("v1 UNKNOWN, as long as it gets", LONGEST_UNKNOWN, OWN),
        Arguments.of("v2 over IPv4", v2(PROXY, OVER_IPV4, FOUR), TOLD),
        Arguments.of("v2 over IPv6", v2(PROXY, OVER_IPV6, six()), "2001:db8::7"),
        Arguments.of("v2 LOCAL", v2(LOCAL, UNSPECIFIED, ""), OWN),
        Arguments.of("v2 LOCAL with addresses", v2(LOCAL, OVER_IPV4, FOUR), OWN),
        Arguments.of("v2 of no family", v2(PROXY, UNSPECIFIED, ""), OWN),
        Arguments.of("v2 over UNIX", v2(PROXY, OVER_UNIX, "/a" + "\0".repeat(214)), OWN),
        Arguments.of(
            "v2 with ALPN, authority, checksum, padding, id",
            v2(
                PROXY,
                OVER_IPV4,
                FOUR
                    + tlv(1, "h2")
                    + tlv(2, "shop.test")
                    + tlv(4, "\0".repeat(100))
                    + tlv(5, "id")
                    + tlv(0xEA, "\1vpce-1")),
            TOLD),
        Arguments.of("v2 with half a TLV", v2(PROXY, OVER_IPV4, FOUR + "\4\0"), TOLD),
        Arguments.of("v2 with what TLS said", v2(PROXY, OVER_IPV4, FOUR + ssl), TOLD),
        Arguments.of(
            "v2 with 1 KiB",
            v2(PROXY, OVER_IPV6, six() + tlv(4, "x".repeat(1000))),
            "2001:db8::7"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void isReadWholeAndInPieces(String form, String header, String from) throws Exception {
    begin("10s");

    for (String heard : new String[] {said(header + HELLO), inPieces(header + HELLO)}) {
      assertThat(heard).endsWith("\r\n" + HELLO);
      String[] told = heard.substring(0, heard.indexOf("\r\n")).split(" ", -1);
      assertThat(told[0]).isEqualTo("db:PROXY");
      assertThat(told[1]).isEqualTo(from.contains(":") ? "TCP6" : "TCP4");
      assertThat(InetAddress.getByName(told[2])).isEqualTo(InetAddress.getByName(from));
      if (!from.equals(OWN)) {
        assertThat(told[4]).as("its port").isEqualTo("4711");
      }
    }
    assertThat(metric(REFUSED)).isZero();
  }

  /** Byte by byte, each a packet. */
  private String inPieces(String text) throws IOException {
    try (Socket socket = connected()) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      for (byte one : text.getBytes(StandardCharsets.ISO_8859_1)) {
        out.write(one);
        out.flush();
      }
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of("v1 too long", "PROXY TCP4 " + "1".repeat(200)),
        Arguments.of("v1 UNKNOWN, too long", "PROXY UNKNOWN " + "f".repeat(200) + "\r\n"),
        Arguments.of("v1 of another family", "PROXY TCP6 203.0.113.7 198.51.100.1 4711 80\r\n"),
        Arguments.of("v1 of no such family", "PROXY UDP4 203.0.113.7 198.51.100.1 4711 80\r\n"),
        Arguments.of("v1 of a name", "PROXY TCP4 shop.test 198.51.100.1 4711 80\r\n"),
        Arguments.of("v1 of no such port", "PROXY TCP4 203.0.113.7 198.51.100.1 65536 80\r\n"),
        Arguments.of("v1 without ports", "PROXY TCP4 203.0.113.7 198.51.100.1\r\n"),
        Arguments.of("v1 alone", "PROXY\r\n"),
        Arguments.of("v1 in small letters", "proxy TCP4 203.0.113.7 198.51.100.1 1 80\r\n"),
        Arguments.of("v2 without room for addresses", v2(PROXY, OVER_IPV4, FOUR.substring(4))),
        Arguments.of("v2 of IPv6 with room for IPv4", v2(PROXY, OVER_IPV6, FOUR)),
        Arguments.of("v2 of no such command", v2("\"", OVER_IPV4, FOUR)),
        Arguments.of("v2 of a third version", v2("1", OVER_IPV4, FOUR)),
        Arguments.of("v2 of no such family", v2(PROXY, "A", FOUR)),
        Arguments.of("v2, a TLV longer than it", v2(PROXY, OVER_IPV4, FOUR + "\4\77\77x")),
        Arguments.of("v2, 60 KiB", v2(PROXY, OVER_IPV4, FOUR + tlv(4, "x".repeat(60_000)))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatIsNoneIsRefusedAtOnce(String form, String header) throws Exception {
    begin("1h");

    try (LogLines log = new LogLines(Refusals.class)) {
      assertThat(refused(header + HELLO)).isIn("broken", "");
      counted(1, REFUSED);
      assertThat(log.lines()).hasSize(1).noneMatch(line -> line.contains("in time"));
    }
    assertThat(said("PROXY UNKNOWN\r\n" + HELLO)).as("somebody else").endsWith("\r\n" + HELLO);
  }

  /** What comes back without an end of this side's. */
  private String refused(String text) throws IOException {
    Socket socket = connected();
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return rest(socket);
  }

  private static String rest(Socket connection) throws IOException {
    try (Socket socket = connection) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "broken";
    }
  }

  @Test
  void whatDoesNotEndIsRefusedInTime() throws Exception {
    begin("1h");
    String second = v2(PROXY, OVER_IPV4, FOUR);
    List<String> begun =
        List.of(
            "PROXY TCP4 203.0.113.7 198.", second.substring(0, 14), second.substring(0, 20), "");
    List<Socket> all = new ArrayList<>();
    for (String text : begun) {
      for (boolean ends : new boolean[] {false, true}) {
        Socket socket = connected();
        all.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        if (ends) {
          socket.shutdownOutput();
        }
      }
    }

    assertThat(said("PROXY UNKNOWN\r\n" + HELLO)).as("meanwhile").endsWith("\r\n" + HELLO);
    for (Socket socket : all) { // in ten seconds, of thirty that it waits
      assertThat(rest(socket)).isIn("broken", "");
    }
    counted(all.size() - 1, REFUSED); // who ended at once was nobody
    assertThat(said("PROXY UNKNOWN\r\n" + HELLO)).endsWith("\r\n" + HELLO);
  }
}
