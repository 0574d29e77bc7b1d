package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Issuer;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.http.HttpVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers of a gateway whose certificates their authority took back. */
final class RevokedCallersIT extends ServersFixture {

  private static final String HOST = "admin.shop.test";
  private static final Duration HOUR = Duration.ofHours(1);

  private final Instant now = Instant.now();
  private final Issuer between =
      TestCertificates.below(authority.root(), authority.form().subject("CN=between").authority());
  private final Leaf good = authority.good("spiffe://mesh.test/ns/a/sa/good");
  private final Leaf bad = authority.good("spiffe://mesh.test/ns/a/sa/bad");
  private final Leaf below =
      authority.leaf(authority.form("spiffe://mesh.test/ns/a/sa/below"), between);
  private boolean files;

  @BeforeEach
  void pages() throws Exception {
    admin = FreePorts.next();
  }

  private void begin(boolean inFiles, String mode, String list) throws Exception {
    files = inFiles;
    leaf.write(state);
    String servers = servers("SIMPLE").replace("{mode: MUTUAL,", "{mode: " + mode + ",");
    if (files) {
      replace(list);
      servers =
          servers.replace(
              "credentialName: asking",
              "serverCertificate: %1$s/tls.crt, privateKey: %1$s/tls.key, caCertificates: %1$s/ca.crt, caCrl: %1$s/ca.crl"
                  .formatted(state));
    }
    gatewayOfServers(servers, rule("admin", HOST), secret("shown", "default"), asking(list));
  }

  private String asking(String list) {
    String lines = list.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
    return secret("asking", "default") + "  ca.crl: |\n" + lines;
  }

  private void give(String list) throws Exception {
    if (files) {
      replace(list);
    } else {
      write("entry3.yaml", asking(list));
    }
  }

  private void replace(String list) throws Exception {
    Path draft = Files.writeString(state.resolve(".ca.crl"), list);
    Files.move(draft, state.resolve("ca.crl"), StandardCopyOption.ATOMIC_MOVE);
  }

  private String answer(HttpVersion version, Leaf caller) throws Exception {
    try {
      return said(connected(version, HOST, Optional.of(caller)), HOST);
    } catch (ExecutionException refused) {
      return "refused";
    }
  }

  private void taken(Leaf caller) throws Exception {
    assertThat(answer(HttpVersion.HTTP_2, caller)).startsWith("200 admin");
    assertThat(answer(HttpVersion.HTTP_1_1, caller)).startsWith("200 admin");
  }

  private void refused(Leaf caller) throws Exception {
    assertThat(answer(HttpVersion.HTTP_2, caller)).isEqualTo("refused");
    assertThat(answer(HttpVersion.HTTP_1_1, caller)).isEqualTo("refused");
  }

  private void soonRefused(Leaf caller) throws Exception {
    eventually(() -> answer(HttpVersion.HTTP_1_1, caller).equals("refused"));
    refused(caller);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoIsRevokedIsRefusedFromTheNextListOn(boolean inFiles) throws Exception {
    begin(inFiles, "MUTUAL", authority.list());
    taken(good);
    taken(bad);
    taken(below);

    give(authority.list(bad.certificate()));
    soonRefused(bad);
    taken(good);
    taken(below);
    give(authority.list(bad.certificate(), between.chain()));
    soonRefused(below);
    taken(good);
    refused(bad);
    assertThat(admin("/metrics"))
        .containsPattern("weft_refusals_total\\{reason=\"revoked\"} [1-9]");
  }

  @Test
  void whoIsRevokedIsRefusedWhereAProofIsOptional() throws Exception {
    begin(false, "OPTIONAL_MUTUAL", authority.list(bad.certificate()));

    refused(bad);
    taken(good);
    assertThat(said(connected(HttpVersion.HTTP_2, HOST, Optional.empty()), HOST))
        .startsWith("200 admin");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListThatDoesNotCountIsToldAndTheOneBeforeStays(boolean inFiles) throws Exception {
    begin(inFiles, "MUTUAL", authority.list(bad.certificate()));
    refused(bad);
    TestCertificates foreign = new TestCertificates(now);
    String list = authority.list();

    told(foreign.list(), "is not signed by the authority of that name that is trusted");
    told(
        TestCertificates.list(between, now, now.plus(HOUR)),
        "the list of 'CN=between' is of no authority that is trusted");
    told(TestCertificates.delta(authority.root(), now, now.plus(HOUR)), "is a delta");
    told("", "its revocation list holds 0 revocation lists");
    told(list.substring(0, list.length() / 2), "its revocation list");
    refused(bad);
    taken(good);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aListThatDoesNotCountFromTheStartLetsNobodyIn(boolean inFiles) throws Exception {
    begin(inFiles, "MUTUAL", new TestCertificates(now).list());

    refused(good);
    refused(bad);
    told(authority.list().substring(0, 99), "its revocation list");
    refused(good);
    give(authority.list(bad.certificate()));
    eventually(() -> answer(HttpVersion.HTTP_1_1, good).startsWith("200"));
    taken(good);
    refused(bad);
  }

  private void told(String list, String why) throws Exception {
    give(list);
    eventually(
        () -> {
          answer(HttpVersion.HTTP_1_1, good); // has it looked at
          return admin("/certs").contains(why);
        });
    assertThat(admin("/certs")).contains(why);
  }

  @Test
  void aListThatHasEndedIsToldAndWhatItNamesStaysRefused() throws Exception {
    begin(
        true,
        "MUTUAL",
        TestCertificates.list(
            authority.root(), now.minus(HOUR), now.minusSeconds(1), bad.certificate()));

    refused(bad);
    taken(good);
    assertThat(admin("/certs"))
        .contains("\"kind\":\"revocation\"")
        .contains("a revocation list ended at ");
    assertThat(admin("/metrics")).contains("weft_certificate_faults{kind=\"revocation\"} 1.0\n");
  }
}
