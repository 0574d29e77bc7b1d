package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import io.vertx.core.http.HttpClientConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mode at each level, against a wider level that says the contrary. */
@Timeout(60)
final class PeerAuthenticationIT extends SidecarFixture {

  private static final List<String> LEVELS = List.of("mesh", "namespace", "workload", "port");

  @ParameterizedTest(name = "{0} for the {1}")
  @MethodSource("all")
  void theNearestLevelSaysWhatIsTaken(String mode, String level) throws Exception {
    int application = application();
    int inbound = FreePorts.next();
    int admin = FreePorts.next();
    List<String> policies = new ArrayList<>();
    policies.add(policy(level, mode, application));
    int wider = LEVELS.indexOf(level) - 1;
    if (wider >= 0 && !level.equals("port")) {
      policies.add(policy(LEVELS.get(wider), contrary(mode), application));
    }
    await(
        sidecar(
            admin,
            "--config",
            "dir:" + config("config", policies.toArray(new String[0])),
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--labels",
            "app=search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application));

    String plain = answer(plaintext(), inbound);
    String mutual = answer(showing(mesh.good(CALLER)), inbound);

    assertThat(plain).isEqualTo(mode.equals("STRICT") ? "refused" : "200 nobody");
    if (mode.equals("DISABLE")) {
      assertThat(mutual).isEqualTo("refused");
      assertThat(refused(admin, "tls")).isEqualTo(1);
    } else {
      assertThat(mutual).startsWith("200 By=" + SEARCH).endsWith(CALLER);
    }
  }

  @Test
  void aPlaintextConnectionDoesNotOutliveStrict() throws Exception {
    int application = application();
    int inbound = FreePorts.next();
    int admin = FreePorts.next();
    Path config = config("config", policy("namespace", "PERMISSIVE", application));
    await(
        sidecar(
            admin,
            "--config",
            "dir:" + config,
            "--identity",
            "dir:" + identity("identity", mesh.good(SEARCH)),
            "--service-account",
            "default/search",
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:" + application));
    HttpClientConnection open = await(connected(plaintext(), inbound));
    String before = await(ask(open));

    replace(config.resolve("all.yaml"), policy("namespace", "STRICT", application));
    String after = before;
    for (int i = 0; i < 20_000 && after.equals(before); i++) {
      after = await(ask(open).otherwise("closed"));
    }

    assertThat(before).isEqualTo("200 nobody");
    assertThat(after).isEqualTo("closed");
    assertThat(refused(admin, "plaintext")).isEqualTo(1);
  }

  private static Stream<Arguments> all() {
    return Stream.of("STRICT", "PERMISSIVE", "DISABLE")
        .flatMap(mode -> LEVELS.stream().map(level -> Arguments.of(mode, level)));
  }

  private static String contrary(String mode) {
    return mode.equals("STRICT") ? "DISABLE" : "STRICT";
  }

  private static String policy(String level, String mode, int port) {
    String place = level.equals("mesh") ? "istio-system" : "default";
    String spec =
        switch (level) {
          case "workload" -> "{selector: {matchLabels: {app: search}}, mtls: {mode: %s}}";
          case "port" ->
              "{selector: {matchLabels: {app: search}}, mtls: {mode: "
                  + contrary(mode)
                  + "}, portLevelMtls: {%d: {mode: %s}}}".formatted(port, mode);
          default -> "{mtls: {mode: %s}}";
        };
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: %s, namespace: %s}
        spec: %s
        """
        .formatted(level, place, spec.formatted(mode));
  }
}
