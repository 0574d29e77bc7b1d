package dev.weft.routing.identity.file;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy.ClientTls;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class OutsideTlsTest {

  private static final String NAME = "spiffe://mesh.test/ns/a/sa/edge";

  @TempDir private Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final HandTicker ticker = new HandTicker();
  private final OutsideTls tls = new OutsideTls(ticker);
  private final TestCertificates authority = new TestCertificates(Instant.now());
  private final Leaf first = authority.good(NAME);
  private final Leaf second = authority.good(NAME);

  @BeforeEach
  void write() throws IOException {
    first.write(folder);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
  }

  @Test
  void whatTheFilesHoldIsUsedUntilTheyHoldSomethingElse() throws Exception {
    ClientSSLOptions before = options(mutual());
    ticker.turn(Duration.ofSeconds(2));
    assertThat(options(mutual())).isSameAs(before);

    second.write(folder);
    assertThat(options(mutual())).isSameAs(before); // looked at within the second
    ticker.turn(Duration.ofSeconds(2));
    ClientSSLOptions after = options(mutual());

    assertThat(before.getKeyCertOptions()).isEqualTo(pair(first));
    assertThat(after.getKeyCertOptions()).isEqualTo(pair(second));
    assertThat(after.getTrustOptions())
        .isEqualTo(new PemTrustOptions().addCertValue(Buffer.buffer(authority.rootPem())));
  }

  @Test
  void halfOfAPairKeepsTheOneBefore() throws Exception {
    ClientSSLOptions before = options(mutual());

    Files.writeString(folder.resolve("tls.crt"), second.certificate());
    ticker.turn(Duration.ofSeconds(2));
    assertThat(options(mutual())).isSameAs(before);

    Files.writeString(folder.resolve("tls.key"), second.key());
    ticker.turn(Duration.ofSeconds(2));
    assertThat(options(mutual()).getKeyCertOptions()).isEqualTo(pair(second));
  }

  @Test
  void aFileThatGoesKeepsWhatItHeld() throws Exception {
    ClientSSLOptions before = options(mutual());

    for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
      Files.delete(folder.resolve(file));
      ticker.turn(Duration.ofSeconds(2));
      assertThat(options(mutual())).as(file).isSameAs(before);
    }
  }

  @Test
  void whatNeverCouldBeUsedSaysWhyUntilItCan() throws Exception {
    Files.delete(folder.resolve("ca.crt"));
    assertThatThrownBy(() -> options(mutual()))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("there is no " + folder.resolve("ca.crt"));

    Files.writeString(folder.resolve("ca.crt"), "nothing");
    ticker.turn(Duration.ofSeconds(2));
    assertThatThrownBy(() -> options(mutual())).hasMessageContaining(at("ca.crt") + " is broken");

    Files.writeString(folder.resolve("ca.crt"), authority.rootPem());
    ticker.turn(Duration.ofSeconds(2));
    assertThat(options(mutual()).getKeyCertOptions()).isEqualTo(pair(first));
  }

  @Test
  void theNameIsVerifiedUnlessOthersAreExpected() throws Exception {
    assertThat(options(settings(List.of())).getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
    assertThat(options(mutual()).getHostnameVerificationAlgorithm()).isEmpty();
  }

  @Test
  void whatNoRuleNamesIsForgotten() throws Exception {
    options(settings(List.of("a")));
    options(settings(List.of("b")));
    options(settings(List.of("c")));
    options(settings(List.of("d")));
    assertThat(tls.size()).isEqualTo(4);

    tls.retain(
        config(
            """
            spec:
              host: backend.test
              trafficPolicy:
                tls: TLS_a
                portLevelSettings: [{port: {number: 81}, tls: TLS_b}]
              subsets:
              - {name: v1, trafficPolicy: {tls: TLS_c}}
            """));
    assertThat(tls.size()).isEqualTo(3);

    tls.retain(MeshConfig.EMPTY);
    assertThat(tls.size()).isZero();
  }

  private MeshConfig config(String spec) {
    String text =
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: backend}
        """
            + spec.replaceAll(
                "TLS_(.)",
                "{mode: MUTUAL, clientCertificate: %s, privateKey: %s, caCertificates: %s,"
                        .formatted(at("tls.crt"), at("tls.key"), at("ca.crt"))
                    + " subjectAltNames: [$1]}");
    var read = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(read.accepted()).as(read.problems().toString()).isTrue();
    return read.config();
  }

  private ClientTls mutual() {
    return settings(List.of(NAME));
  }

  private ClientTls settings(List<String> names) {
    return settings(names, "");
  }

  private ClientTls settings(List<String> names, String lists) {
    return new ClientTls(
        ClientTls.Mode.MUTUAL,
        at("tls.crt"),
        at("tls.key"),
        at("ca.crt"),
        lists,
        "",
        names,
        "",
        false);
  }

  private String at(String file) {
    return folder.resolve(file).toString();
  }

  private ClientSSLOptions options(ClientTls settings) throws Exception {
    return tls.optionsFor(settings, vertx)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, SECONDS);
  }

  private static PemKeyCertOptions pair(Leaf leaf) {
    return new PemKeyCertOptions()
        .addCertValue(Buffer.buffer(leaf.certificate()))
        .addKeyValue(Buffer.buffer(leaf.key()));
  }
}
