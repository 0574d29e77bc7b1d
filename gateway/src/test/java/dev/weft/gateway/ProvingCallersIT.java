package dev.weft.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.testkit.TestCertificates;
import dev.weft.testkit.TestCertificates.Leaf;
import io.vertx.core.http.HttpVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a caller proves to a server, and who may call it then: ISTIO_MUTUAL, OPTIONAL_MUTUAL. */
final class ProvingCallersIT extends ServersFixture {

  private static final String HEADER = "x-forwarded-client-cert";
  private static final String FORGED = "URI=spiffe://mesh.test/ns/a/sa/friend";

  private final TestCertificates foreign = new TestCertificates(Instant.now());
  private final Leaf friend = authority.good(uri("friend"));
  private final Leaf other = authority.good(uri("other"));

  private static String uri(String account) {
    return "spiffe://mesh.test/ns/a/sa/" + account;
  }

  /** {@code shop.test} takes {@code friend} at every path, and everybody at {@code /}. */
  private void begin(String shop) throws Exception {
    leaf.write(state.resolve("identity"));
    flags.addAll(List.of("--identity", "dir:" + state.resolve("identity")));
    flags.addAll(List.of("--service-account", "a/edge", "--trust-domain", "mesh.test"));
    int backend =
        backend(request -> request.response().end(request.headers().getAll(HEADER).toString()));
    gatewayOfServers(
        servers("SIMPLE").replace("{mode: SIMPLE, credentialName: shown}", shop),
        """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: shop}
        spec:
          hosts: [shop.test]
          gateways: [edge]
          http: [{route: [{destination: {host: backend.test}}]}]
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: friends, namespace: istio-system}
        spec:
          rules:
          - {to: [{operation: {paths: [/]}}]}
          - {from: [{source: {principals: [mesh.test/ns/a/sa/friend]}}]}
        """,
        entry(backend),
        secret("shown", "default"),
        secret("asking", "default"));
  }

  private String heard(HttpVersion version, Optional<Leaf> caller, String path) throws Exception {
    return saidAt(connected(version, "shop.test", caller), "shop.test", path, HEADER, FORGED);
  }

  private static void endsWith(String answer, String account) {
    assertThat(answer).startsWith("200 [Hash=").endsWith(";URI=" + uri(account) + "]");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void aWorkloadOfTheMeshIsWhoItProvesToBe(HttpVersion version) throws Exception {
    begin("{mode: ISTIO_MUTUAL}");

    endsWith(heard(version, Optional.of(friend), "/"), "friend");
    endsWith(heard(version, Optional.of(friend), "/closed"), "friend");
    endsWith(heard(version, Optional.of(other), "/"), "other");
    assertThat(heard(version, Optional.of(other), "/closed")).startsWith("403 ");
  }

  @Test
  void whoeverIsNoWorkloadOfTheMeshIsRefused() throws Exception {
    begin("{mode: ISTIO_MUTUAL}");

    refused(Optional.empty());
    refused(Optional.of(foreign.good(uri("friend"))));
    refused(Optional.of(authority.good("spiffe://elsewhere.test/ns/a/sa/friend")));
    refused(Optional.of(authority.expired(uri("friend"))));
    refused(Optional.of(authority.ofAddress("127.0.0.1")));
    endsWith(heard(HttpVersion.HTTP_2, Optional.of(friend), "/closed"), "friend");
  }

  private void refused(Optional<Leaf> caller) {
    for (HttpVersion version : new HttpVersion[] {HttpVersion.HTTP_1_1, HttpVersion.HTTP_2}) {
      assertThatThrownBy(() -> heard(version, caller, "/")).isNotNull();
    }
  }

  @Test
  void aRootThatIsTakenAwayIsTrustedNoMore() throws Exception {
    begin("{mode: ISTIO_MUTUAL}");
    endsWith(heard(HttpVersion.HTTP_2, Optional.of(friend), "/closed"), "friend");

    Leaf own = authority.good(uri("edge"));
    for (String[] file :
        new String[][] {
          {"ca.crt", foreign.rootPem()}, {"tls.key", own.key()}, {"tls.crt", own.certificate()}
        }) {
      replace(file[0], file[1]);
    }
    Leaf replaced = foreign.good(uri("friend"));
    assertThat(eventually(() -> served(replaced))).isTrue();

    endsWith(heard(HttpVersion.HTTP_2, Optional.of(replaced), "/closed"), "friend");
    refused(Optional.of(friend));
  }

  private boolean served(Leaf caller) throws Exception {
    try {
      return heard(HttpVersion.HTTP_2, Optional.of(caller), "/closed").startsWith("200");
    } catch (ExecutionException notYet) {
      return false;
    }
  }

  private void replace(String file, String text) throws Exception {
    Path folder = state.resolve("identity");
    Path draft = Files.writeString(folder.resolve("." + file), text);
    Files.move(draft, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whoMayButNeedNotProveIsWhoTheyProveOrNobody(HttpVersion version) throws Exception {
    begin("{mode: OPTIONAL_MUTUAL, credentialName: asking}");

    endsWith(heard(version, Optional.of(friend), "/closed"), "friend");
    endsWith(heard(version, Optional.of(other), "/"), "other");
    assertThat(heard(version, Optional.of(other), "/closed")).startsWith("403 ");
    assertThat(heard(version, Optional.empty(), "/")).isEqualTo("200 []");
    assertThat(heard(version, Optional.empty(), "/closed")).startsWith("403 ");
  }

  @Test
  void whoProvesWhatNobodyKnowsIsRefusedWhereAProofIsOptional() throws Exception {
    begin("{mode: OPTIONAL_MUTUAL, credentialName: asking}");

    refused(Optional.of(foreign.good(uri("friend"))));
    refused(Optional.of(authority.expired(uri("friend"))));
  }
}
