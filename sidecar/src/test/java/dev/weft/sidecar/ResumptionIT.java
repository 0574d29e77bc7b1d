package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.OpenSsl;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callers that keep what a handshake left them, a ticket or a session, and show it again once their
 * certificate is trusted no more.
 */
@EnabledIf(value = "openSsl", disabledReason = "needs openssl")
@Timeout(60)
final class ResumptionIT extends SidecarFixture {

  private static final int ROUNDS = 2000;
  private static final String NEW = "\nNew, TLSv1.";
  private static final String TAKEN = "200 OK";
  private static final String GET =
      "GET / HTTP/1.1\r\nHost: search.test\r\nConnection: close\r\n\r\n";

  private int inbound;
  private Path own;

  static boolean openSsl() {
    return OpenSsl.installed();
  }

  @BeforeEach
  void open() throws Exception {
    inbound = FreePorts.next();
    own = identity("identity", mesh.good(SEARCH));
    await(
        sidecar(
            FreePorts.next(),
            "--config",
            "dir:" + config("config"),
            "--identity",
            "dir:" + own,
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application()));
    identity("old", mesh.good(CALLER));
    identity("new", foreign.good(CALLER));
  }

  /** The root of all callers so far is trusted no more, once one of another root is taken. */
  private void rootRemoved() throws Exception {
    foreign.good(SEARCH).write(own);
    String answer = "";
    for (int i = 0; i < ROUNDS && !answer.contains(TAKEN); i++) {
      answer = handshake(shown("new"));
    }
    assertThat(answer).contains(TAKEN);
  }

  private String handshake(Stream<String> flags) throws Exception {
    return OpenSsl.handshake(inbound, "search.test", flags.toArray(String[]::new));
  }

  private Stream<String> shown(String caller) {
    Path files = folder.resolve(caller);
    return Stream.of(
        "-cert", files.resolve("tls.crt").toString(), "-key", files.resolve("tls.key").toString());
  }

  private Stream<String> kept(String version, String what) {
    return Stream.of("-" + version, what, folder.resolve(version).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls1_2", "tls1_3"})
  void aTicketOpensNothingOnceItsRootIsRemoved(String version) throws Exception {
    String first = handshake(Stream.concat(shown("old"), kept(version, "-sess_out")));
    String second = handshake(Stream.concat(shown("old"), kept(version, "-sess_in")));
    String alone = handshake(kept(version, "-sess_in"));
    rootRemoved();
    String last = handshake(Stream.concat(shown("old"), kept(version, "-sess_in")));
    String lastAlone = handshake(kept(version, "-sess_in"));

    assertThat(folder.resolve(version)).as("what the first handshake left").isNotEmptyFile();
    assertThat(first).contains(NEW).contains(TAKEN).contains(CALLER);
    assertThat(second).contains(NEW).contains(TAKEN).contains(CALLER);
    assertThat(alone).doesNotContain(TAKEN).doesNotContain("\nReused");
    assertThat(last).doesNotContain(TAKEN).doesNotContain("\nReused");
    assertThat(lastAlone).doesNotContain(TAKEN).doesNotContain("\nReused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aSessionOfJavaOpensNothingOnceItsRootIsRemoved(String version) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {keys(mesh.good(CALLER))}, trust(), null);

    String first = answer(context, version);
    String second = answer(context, version);
    List<byte[]> sessions = Collections.list(context.getClientSessionContext().getIds());
    rootRemoved();
    String last = answer(context, version);

    assertThat(first).contains(TAKEN).contains(CALLER);
    assertThat(second).contains(TAKEN).contains(CALLER);
    assertThat(sessions).as("sessions that it kept").isNotEmpty();
    assertThat(last).isEqualTo("refused");
  }

  private String answer(SSLContext context, String version) throws IOException {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), inbound);
        SSLSocket socket =
            (SSLSocket)
                context.getSocketFactory().createSocket(plain, "search.test", inbound, true)) {
      socket.setSoTimeout(PATIENCE_SECONDS * 1000);
      socket.setEnabledProtocols(new String[] {version});
      socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SSLException | SocketException refused) {
      return "refused";
    }
  }

  private static ShownKeyManager keys(Leaf leaf) throws Exception {
    return new ShownKeyManager(
        WorkloadIdentity.certificates(leaf.certificate(), "tls.crt"),
        Pem.privateKey(leaf.key(), "EC", "tls.key"));
  }

  /** Both roots, so that only the sidecar may refuse. */
  private TrustManager[] trust() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("old", root(mesh));
    store.setCertificateEntry("new", root(foreign));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static X509Certificate root(TestCertificates authority) throws Exception {
    return WorkloadIdentity.certificates(authority.rootPem(), "ca.crt").get(0);
  }
}
