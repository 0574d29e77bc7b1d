package dev.weft.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.testkit.FreePorts;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Before identity and configuration are there: the admin port tells so, and no other is open. */
@Timeout(60)
final class NotReadyIT extends SidecarFixture {

  @Test
  void withoutItsIdentityASidecarIsNotReadyAndTakesNobody() throws Exception {
    int admin = FreePorts.next();
    int inbound = FreePorts.next();
    int nobody = FreePorts.next();
    Path token = folder.resolve("token");
    Files.writeString(token, "weft1.a.b.c");

    Future<Void> started =
        sidecar(
            admin,
            "--config",
            "dir:" + config("config"),
            "--identity",
            "control:127.0.0.1:" + nobody,
            "--token-file",
            token.toString(),
            "--inbound",
            "127.0.0.1:" + inbound + "=127.0.0.1:1");
    String ready = "";
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!ready.startsWith("503") && System.nanoTime() < end) {
      ready = await(Future.succeededFuture().compose(now -> ready(admin)).otherwise(""));
    }

    assertThat(ready)
        .startsWith("503 ")
        .contains("\"ready\":false")
        .contains("there is no identity yet")
        .contains("no configuration serves yet");
    assertThat(answer(plaintext(), inbound)).isEqualTo("refused");
    assertThat(answer(showing(mesh.good(CALLER)), inbound)).isEqualTo("refused");
    assertThat(started.isComplete()).isFalse();
  }

  private Future<String> ready(int port) {
    try {
      return Future.succeededFuture(admin(port, "/ready"));
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}
