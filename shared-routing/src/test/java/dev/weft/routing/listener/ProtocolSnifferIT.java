package dev.weft.routing.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.PeerIdentity;
import dev.weft.routing.listener.ListenerSettings.Role;
import dev.weft.testkit.RawHttp;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.Future;
import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One port tells TLS, HTTP/1.1, HTTP/2 and all else apart, however the first bytes come. */
@Timeout(60)
final class ProtocolSnifferIT extends ListenerFixture {

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";
  private static final String GET = RawHttp.lines("GET / HTTP/1.1", "host: a", "");

  private final TestCertificates authority = new TestCertificates(Instant.now());
  private RawHttp other;

  @AfterEach
  void closeOther() throws IOException {
    if (other != null) {
      other.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\0\1\2\3", "get / HTTP/1.1\r\n\r\n", "{\"a\":1}", " ", "\u0080.", "\u00ff"})
  void whatIsNeitherTlsNorHttpIsRefusedAndCounted(String bytes) throws Exception {
    int port = sniffing(LONG);

    assertThat(RawHttp.exchange(port, bytes)).isEmpty();

    assertThat(refusals.counts().get("protocol")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "PRI * HTTP/2.0\r\n\r\nSM"})
  void whoDoesNotSayInTimeWhatHeSpeaksIsRefusedAndCounted(String begun) throws Exception {
    int port = sniffing(Duration.ofMillis(100));

    assertThat(RawHttp.exchange(port, begun)).isEmpty();

    assertThat(refusals.counts().get("silent")).isEqualTo(1);
    assertThat(refusals.counts().get("protocol")).isZero();
  }

  @Test
  void thePrefaceIsKnownWhereverItIsCut() throws Exception {
    int port = sniffing(LONG);
    other = new RawHttp(port);

    for (int cut = 1; cut < PREFACE.length(); cut++) {
      try (RawHttp client = new RawHttp(port)) {
        client.send(PREFACE.substring(0, cut));
        passed();
        client.send(PREFACE.substring(cut) + SETTINGS);

        assertThat(client.next(9).charAt(3))
            .as("a frame of SETTINGS, cut at %s", cut)
            .isEqualTo('\4');
      }
    }
    assertThat(refusals.counts().values()).containsOnly(0L);
  }

  @ParameterizedTest
  @CsvSource({"P, OST, 200", "PR, OPFIND, 200", "PRI, NT, 200", "PRI *, x, 400"})
  void whatOnlyBeginsLikeThePrefaceIsHttp1(String begins, String goesOn, int status)
      throws Exception {
    int port = sniffing(LONG);
    other = new RawHttp(port);

    try (RawHttp client = new RawHttp(port)) {
      client.send(begins);
      passed();
      client.send(goesOn + GET.substring("GET".length()));

      assertThat(client.head()).startsWith("HTTP/1.").contains(" " + status + " ");
    }
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3, http/1.1", "TLSv1.2, http/1.1", "TLSv1.3, h2", "TLSv1.2, h2"})
  void aHelloThatComesByteByByteIsTls(String version, String protocol) throws Exception {
    int port = sniffing(LONG);

    try (Socket slow = new ByteByByte(port);
        SSLSocket socket = secured(slow, version, protocol)) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
      boolean second = protocol.equals("h2");
      send(socket, second ? PREFACE + SETTINGS : GET);

      byte[] told = socket.getInputStream().readNBytes(9);
      assertThat(second ? told[3] : told[0]).isEqualTo((byte) (second ? 4 : 'H'));
    }
    assertThat(refusals.counts().values()).containsOnly(0L);
  }

  @Test
  void whoAgreesOnHttp2AndSaysSomethingElseIsRefusedAndCounted() throws Exception {
    int port = sniffing(LONG);

    try (Socket plain = new ByteByByte(port);
        SSLSocket socket = secured(plain, "TLSv1.3", "h2")) {
      send(socket, GET);

      socket.getInputStream().readAllBytes();
    }
    assertThat(refusals.counts().get("protocol")).isEqualTo(1);
  }

  @Test
  void anAlertLikeHelloThatIsNoneIsAFailedHandshake() throws Exception {
    int port = sniffing(LONG);

    RawHttp.exchange(port, "\u0016\3\1\0\5hello");

    assertThat(refusals.counts().get("handshake")).isEqualTo(1);
  }

  /** A hello that begins, and does not end; one that is too long; none at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016",
        "\u0016\3\1\2\0\1\0\1\u00fc\3\3",
        "\u0016\3\1@\0\1\4\0\0",
        "\u0016GET / HTTP/1.1\r\n\r\n"
      })
  void aHelloThatDoesNotComeIsRefusedInTimeAndCounted(String bytes) throws Exception {
    int port = sniffing(Duration.ofMillis(300));

    RawHttp.exchange(port, bytes);

    assertThat(refusals.counts().get("handshake")).isEqualTo(1);
  }

  @Test
  void aHelloThatComesTooSlowlyIsRefusedInTimeAndCounted() throws Exception {
    int port = sniffing(Duration.ofMillis(500));
    try (RawHttp client = new RawHttp(port)) {
      client.send("\u0016\3\1\2\0\1\0\1\u00fc\3\3");
      long drip = vertx.setPeriodic(50, now -> sendOne(client));

      client.rest();

      vertx.cancelTimer(drip);
    }
    assertThat(refusals.counts().get("handshake")).isEqualTo(1);
  }

  private static void sendOne(RawHttp client) {
    try {
      client.send("\0");
    } catch (IOException closed) {
      assertThat(closed).as("refused").isNotNull();
    }
  }

  /** HTTP/0.9, a preface that is none, what is no header, a version that is none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
        "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/9.9\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n"
      })
  void whatIsNoRequestIsRefusedAndCounted(String bytes) throws Exception {
    int port = sniffing(LONG);

    assertThat(RawHttp.exchange(port, bytes)).contains(" 400 ");

    assertThat(refusals.counts().get("bad_request")).isEqualTo(1);
  }

  @Test
  void framesThatBreakHttp2EndTheConnectionAndAreCounted() throws Exception {
    int port = sniffing(LONG);

    RawHttp.exchange(port, PREFACE + SETTINGS + "\0\0\1\0\0\0\0\0\0x"); // DATA of stream 0

    assertThat(refusals.counts().get("protocol")).isEqualTo(1);
  }

  /** Whatever was sent before is read: the loop answered two later requests meanwhile. */
  private void passed() throws IOException {
    for (int i = 0; i < 2; i++) {
      other.send(GET);
      other.head();
      other.next("ok".length());
    }
  }

  private int sniffing(Duration firstBytes) throws Exception {
    ListenerSettings usual = Times.LONG_ONES.settings(Role.EDGE);
    ListenerSettings settings =
        new ListenerSettings(
            usual.host(),
            usual.port(),
            usual.role(),
            usual.headerBytes(),
            usual.headers(),
            usual.urlBytes(),
            usual.replayBytes(),
            usual.streamsPerConnection(),
            usual.connections(),
            usual.edge(),
            usual.path(),
            usual.idleTimeout(),
            firstBytes,
            usual.headerTimeout(),
            usual.requestBodyIdle(),
            usual.streamIdle(),
            usual.interception(),
            usual.gate());
    Loop loop = new Loop(0, new VertxTimers(vertx), ticker);
    ServerTls tls = new Both(context(authority.good("spiffe://mesh.test/ns/a/sa/edge")));
    return onLoop(
            () -> new Listener(vertx, settings, tls, ListenerFixture::ok, loop, refusals).open())
        .port();
  }

  /** Takes TLS and plaintext. */
  private record Both(SslContext context) implements ServerTls {
    @Override
    public boolean takesPlaintext() {
      return true;
    }

    @Override
    public Future<Optional<Shown>> contextFor(Optional<String> serverName) {
      return Future.succeededFuture(Optional.of(new Shown(context, Optional.empty())));
    }

    @Override
    public Optional<PeerIdentity> identify(List<Certificate> peer) {
      return Optional.empty();
    }
  }

  private static SslContext context(Leaf leaf) throws IOException {
    return SslContextBuilder.forServer(stream(leaf.certificate()), stream(leaf.key()))
        .sslProvider(MeshTls.provider())
        .protocols("TLSv1.3", "TLSv1.2")
        .applicationProtocolConfig(MeshTls.alpn())
        .build();
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** A socket on which each byte is a packet of its own. */
  private static final class ByteByByte extends Socket {

    ByteByByte(int port) throws IOException {
      super(InetAddress.getLoopbackAddress(), port);
      setTcpNoDelay(true);
      setSoTimeout(15_000);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          for (int i = from; i < from + length; i++) {
            out.write(bytes[i]);
            out.flush();
          }
        }
      };
    }
  }

  private SSLSocket secured(Socket under, String version, String protocol) throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    roots.setCertificateEntry(
        "root",
        CertificateFactory.getInstance("X.509").generateCertificate(stream(authority.rootPem())));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(under, "shop.test", 443, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(new String[] {protocol});
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static void send(SSLSocket socket, String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }
}
