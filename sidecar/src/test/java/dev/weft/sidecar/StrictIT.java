package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.listener.Refusals;
import dev.weft.testkit.FreePorts;
import dev.weft.testkit.LogLines;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom a sidecar takes in when nobody told it anything: workloads of its mesh alone. */
@Timeout(60)
final class StrictIT extends SidecarFixture {

  private int admin;
  private int inbound;

  @BeforeEach
  void open() throws Exception {
    admin = FreePorts.next();
    inbound = FreePorts.next();
    await(
        sidecar(
            admin,
            "--config",
            "dir:" + config("config"),
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application()));
  }

  @Test
  void aWorkloadOfTheMeshIsTakenAndNamedToTheApplication() throws Exception {
    String seen = answer(showing(mesh.good(CALLER)), inbound);

    assertThat(seen).startsWith("200 By=" + SEARCH).endsWith("URI=" + CALLER);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void bothVersionsOfTlsAreSpoken(String version) throws Exception {
    HttpClientOptions options = showing(mesh.good(CALLER));
    options.setEnabledSecureTransportProtocols(java.util.Set.of(version));

    HttpClientConnection connection = await(connected(options, inbound));

    assertThat(connection.sslSession().getProtocol()).isEqualTo(version);
    assertThat(await(ask(connection))).startsWith("200 ");
  }

  private static Stream<String> versions() {
    return Stream.of("TLSv1.3", "TLSv1.2");
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void everybodyElseIsRefusedCountedAndToldByTheReason(String who, String reason, String words)
      throws Exception {
    try (LogLines log = new LogLines(Refusals.class)) {
      String seen = answer(stranger(who), inbound);
      String again = answer(stranger(who), inbound);

      assertThat(List.of(seen, again)).containsOnly("refused");
      assertThat(refused(admin, reason)).isEqualTo(2);
      assertThat(log.lines()).as("once a minute").singleElement().asString().contains(words);
    }
  }

  private static Stream<Arguments> strangers() {
    return Stream.of(
        Arguments.of("plaintext", "plaintext", "plaintext where mTLS is required"),
        Arguments.of("shows none", "no_certificate", "it showed no certificate"),
        Arguments.of("foreign root", "unknown_authority", "of no root of this mesh"),
        Arguments.of("expired", "expired", "not valid now"),
        Arguments.of("not yet valid", "expired", "not valid now"),
        Arguments.of("other trust domain", "identity", "no identity of this mesh"),
        Arguments.of("two names", "identity", "no identity of this mesh"),
        Arguments.of("no workload", "identity", "no identity of this mesh"),
        Arguments.of("an authority", "identity", "no identity of this mesh"));
  }

  private HttpClientOptions stranger(String who) {
    return switch (who) {
      case "plaintext" -> plaintext();
      case "shows none" -> trusting();
      case "foreign root" -> showing(foreign.good(CALLER));
      case "expired" -> showing(mesh.expired(CALLER));
      case "not yet valid" -> showing(mesh.notYetValid(CALLER));
      case "other trust domain" -> showing(mesh.good("spiffe://other.local/ns/a/sa/b"));
      case "two names" -> showing(mesh.twoUris(CALLER, SEARCH));
      case "no workload" -> showing(mesh.good("https://example.com/"));
      case "an authority" -> showing(mesh.authority(CALLER));
      default -> throw new IllegalArgumentException(who);
    };
  }

  @Test
  void aNewIdentityOfTheFolderIsShownWithoutDroppingAConnection() throws Exception {
    HttpClientConnection before = await(connected(showing(mesh.good(CALLER)), inbound));
    AtomicBoolean dropped = new AtomicBoolean();
    before.closeHandler(closed -> dropped.set(true));
    Leaf next = mesh.good(SEARCH);

    next.write(folder.resolve("identity"));
    int rounds = 0;
    while (serial(inbound).equals(serial(before)) && rounds++ < 5000) {
      assertThat(await(ask(before))).startsWith("200 ");
    }

    assertThat(serial(inbound)).isNotEqualTo(serial(before));
    assertThat(await(ask(before))).startsWith("200 ");
    assertThat(dropped).isFalse();
  }

  private String serial(int port) throws Exception {
    HttpClientConnection fresh = await(connected(showing(mesh.good(CALLER)), port));
    String serial = serial(fresh);
    await(fresh.close());
    return serial;
  }

  private static String serial(HttpClientConnection connection) throws Exception {
    return ((X509Certificate) connection.peerCertificates().get(0)).getSerialNumber().toString();
  }
}
