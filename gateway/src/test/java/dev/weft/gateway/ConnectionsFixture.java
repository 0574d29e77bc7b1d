package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.Tools;
import io.netty.channel.epoll.Epoll;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A gateway whose servers carry what is not HTTP, plain backends behind it, plain callers. */
abstract class ConnectionsFixture extends GatewayFixture {

  private static final int PATIENCE_MILLIS = 30_000;

  final TestCertificates authority = new TestCertificates(Instant.now());
  private final List<ServerSocket> backends = new ArrayList<>();
  private int metrics;

  static boolean possible() {
    return Tools.there(Epoll.isAvailable(), "epoll");
  }

  @BeforeEach
  void scraped() throws IOException {
    metrics = FreePorts.next();
    flags.addAll(List.of("--metrics", "127.0.0.1:" + metrics));
  }

  /** The sum of the gateway's metrics whose lines begin so. */
  double metric(String start) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metrics + "/metrics"))
            .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.ofLines())
        .body()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Waits for their sum: what is refused or ends is counted as it is closed. */
  void counted(double wanted, String start) throws Exception {
    eventually(() -> metric(start) >= wanted);
    assertThat(metric(start)).as(start).isEqualTo(wanted);
  }

  @AfterEach
  void end() throws IOException {
    for (ServerSocket backend : backends) {
      backend.close();
    }
  }

  /** Reads each connection to its end, then answers with its name, a colon and all of it. */
  int echo(String name) throws IOException {
    return echo(name, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  int echo(String name, ServerSocket listener) {
    backends.add(listener);
    Thread thread =
        new Thread(
            () -> {
              while (!listener.isClosed()) {
                try (Socket one = listener.accept()) {
                  one.setSoTimeout(PATIENCE_MILLIS);
                  byte[] all = one.getInputStream().readAllBytes();
                  one.getOutputStream().write((name + ":").getBytes(StandardCharsets.ISO_8859_1));
                  one.getOutputStream().write(all);
                } catch (IOException e) {
                  // the connection broke, or the test is over
                }
              }
            },
            "backend " + name);
    thread.setDaemon(true);
    thread.start();
    return listener.getLocalPort();
  }

  /**
   * Starts the gateway.
   *
   * @param servers of the Gateway {@code edge}, each a line
   */
  void begin(String servers, String... documents) throws Exception {
    List<String> all = new ArrayList<>(List.of(documents));
    all.add(
        """
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          servers:
        %s
        """
            .formatted(servers.strip().indent(2).stripTrailing()));
    gatewayOfServers(all.toArray(String[]::new));
  }

  /** A service on this machine. */
  static String service(String name, String protocol, String endpoints) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: %1$s}
    spec:
      hosts: [%1$s.test]
      resolution: STATIC
      ports: [{number: 90, name: main, protocol: %2$s}]
      endpoints: [%3$s]
    """
        .formatted(name, protocol, endpoints);
  }

  static String endpoint(int port, String version) {
    return "{address: 127.0.0.1, ports: {main: %d}, labels: {version: %s}}"
        .formatted(port, version);
  }

  /** Rules of one VirtualService of the gateway. */
  static String rules(String name, String hosts, String rules) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %s}
    spec: {hosts: [%s], gateways: [edge], %s}
    """
        .formatted(name, hosts, rules);
  }

  String certificate(String name) throws IOException {
    Path files = state.resolve(name);
    authority.good("spiffe://mesh.test/ns/a/sa/" + name).write(files);
    return "serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key".formatted(files);
  }

  Socket connected() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** What comes back of something that is said to its end; {@code broken} where it breaks. */
  String said(String text) throws IOException {
    try (Socket socket = connected()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "broken";
    }
  }

  /** TLS to the gateway that asks for a name and trusts the authority. */
  SSLSocket secured(String serverName) throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(serverName)));
    socket.setSSLParameters(parameters);
    return socket;
  }

  /** Of the authority. */
  SSLContext trusting() throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    byte[] root = authority.rootPem().getBytes(StandardCharsets.US_ASCII);
    trusted.setCertificateEntry(
        "root",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(root)));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
