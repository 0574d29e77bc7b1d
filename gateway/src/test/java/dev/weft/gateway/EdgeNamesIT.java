package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.TestCertificates.Leaf;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several certificates on one port of a gateway: which is shown, by the name that is asked for. */
@Timeout(120)
@EnabledIf(value = "possible", disabledReason = "needs Linux's epoll")
final class EdgeNamesIT extends ConnectionsFixture {

  private static final int ROUNDS = 2000;
  private static final String NOBODY = ""; // who does not say a name
  private static final String EVERY_HOST = "*";

  private final Leaf exact = authority.ofName("shop.test");
  private final Leaf inner = authority.ofName("a.shop.test");
  private final Leaf wide = authority.ofName("*.shop.test");

  private void listening(String... more) throws Exception {
    List<String> servers = new ArrayList<>(List.of(server("wide", "*.shop.test")));
    servers.add(server("exact", "shop.test"));
    servers.add(server("inner", "a.shop.test"));
    for (String each : more) {
      servers.add(server("exact", each));
    }
    begin(
        String.join("", servers),
        rules("all", "'*'", "http: [{directResponse: {status: 200, body: {string: here}}}]"),
        secret("exact", exact),
        secret("inner", inner),
        secret("wide", wide));
  }

  private String server(String certificate, String host) {
    return """
        - port: {number: %d, name: of-%s, protocol: HTTPS}
          bind: 127.0.0.1
          hosts: ['%s']
          tls: {mode: SIMPLE, credentialName: %s}
        """
        .formatted(port, host.replaceAll("[.*]", "x"), host, certificate);
  }

  private static String secret(String name, Leaf leaf) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: %s}
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
        .formatted(name, indented(leaf.certificate()), indented(leaf.key()));
  }

  private static String indented(String pem) {
    return pem.strip().lines().map(line -> "    " + line).collect(Collectors.joining("\n"));
  }

  /** A handshake that asks for {@code name}; its caller believes what it is shown. */
  private SSLSocket shown(String name) throws Exception {
    SSLSocket socket = secured("shop.test");
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static X509Certificate certificate(SSLSocket socket) throws Exception {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  private static BigInteger serial(SSLSocket socket) throws Exception {
    return certificate(socket).getSerialNumber();
  }

  private static String name(SSLSocket socket) throws Exception {
    return certificate(socket).getSubjectAlternativeNames().iterator().next().get(1).toString();
  }

  /** One answer over a connection that stays. */
  private static String answer(SSLSocket socket, String host) throws IOException {
    String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      text.append((char) c);
      if (text.toString().endsWith("\r\n\r\nhere")) {
        break;
      }
    }
    return text.substring(0, Math.min(text.length(), "HTTP/1.1 200".length()));
  }

  @ParameterizedTest
  @CsvSource({
    "shop.test, shop.test",
    "a.shop.test, a.shop.test",
    "A.Shop.TEST, a.shop.test",
    "b.shop.test, *.shop.test",
    "aa.shop.test, *.shop.test",
    "x.a.shop.test, *.shop.test"
  })
  void theNameItselfGoesBeforeAWildcard(String asked, String expected) throws Exception {
    listening();

    try (SSLSocket socket = shown(asked)) {
      assertThat(name(socket)).isEqualTo(expected);
      assertThat(answer(socket, asked)).isEqualTo("HTTP/1.1 200");
    }
  }

  /** A server's wildcard covers names of any depth, as Istio's; a certificate's one label. */
  @Test
  void whoChecksNamesBelievesAWildcardForOneLabel() throws Exception {
    listening();

    try (SSLSocket socket = checking("b.shop.test")) {
      socket.startHandshake();
      assertThat(name(socket)).isEqualTo("*.shop.test");
    }
    try (SSLSocket socket = checking("x.b.shop.test")) {
      assertThatThrownBy(socket::startHandshake)
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageContaining("x.b.shop.test");
    }
  }

  private SSLSocket checking(String name) throws Exception {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    SSLSocket socket =
        (SSLSocket) trusting().getSocketFactory().createSocket(plain, name, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return socket;
  }

  @ParameterizedTest
  @CsvSource({"other.test", "shop.test.other", "ashop.test", "''"})
  void whoAsksForAnotherNameOrNoneIsShownNothing(String asked) throws Exception {
    listening();

    assertThatThrownBy(() -> shown(asked)).isInstanceOf(IOException.class);

    counted(1, "weft_refusals_total{reason=\"no_certificate_to_show\"}");
    assertThat(metric("weft_refusals_total{")).as("and nothing else").isEqualTo(1);
    try (SSLSocket socket = shown("shop.test")) {
      assertThat(answer(socket, "shop.test")).isEqualTo("HTTP/1.1 200");
    }
  }

  @Test
  void whoAsksForNoNameMeetsAServerForEveryHost() throws Exception {
    listening(EVERY_HOST);

    try (SSLSocket nobody = shown(NOBODY);
        SSLSocket other = shown("other.test");
        SSLSocket inside = shown("a.shop.test")) {
      assertThat(name(nobody)).isEqualTo("shop.test");
      assertThat(answer(nobody, "anything.test")).isEqualTo("HTTP/1.1 200");
      assertThat(name(other)).isEqualTo("shop.test");
      assertThat(name(inside)).as("the closest host").isEqualTo("a.shop.test");
    }
  }

  @Test
  void oneIsReplacedWhileConnectionsOfAllGoOn() throws Exception {
    listening();
    Leaf next = authority.ofName("a.shop.test");
    try (SSLSocket before = shown("a.shop.test");
        SSLSocket beside = shown("b.shop.test")) {
      BigInteger replaced = serial(before);
      BigInteger kept = serial(beside);

      write("entry2.yaml", secret("inner", next));
      BigInteger now = replaced;
      for (int i = 0; i < ROUNDS && now.equals(replaced); i++) {
        assertThat(answer(before, "a.shop.test")).isEqualTo("HTTP/1.1 200");
        assertThat(answer(beside, "b.shop.test")).isEqualTo("HTTP/1.1 200");
        try (SSLSocket fresh = shown("a.shop.test");
            SSLSocket other = shown("b.shop.test")) {
          now = serial(fresh);
          assertThat(serial(other)).as("the other one").isEqualTo(kept);
          assertThat(answer(fresh, "a.shop.test")).isEqualTo("HTTP/1.1 200");
        }
      }

      assertThat(now).as("the new one, seen by new connections").isNotEqualTo(replaced);
      assertThat(answer(before, "a.shop.test")).isEqualTo("HTTP/1.1 200");
      assertThat(answer(beside, "b.shop.test")).isEqualTo("HTTP/1.1 200");
      assertThat(serial(before)).as("the connection of before").isEqualTo(replaced);
    }
  }
}
