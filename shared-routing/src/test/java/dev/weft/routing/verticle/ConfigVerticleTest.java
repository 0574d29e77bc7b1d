package dev.weft.routing.verticle;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.snapshot.UpstreamRegistry;
import dev.weft.routing.transport.Unsecured;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConfigVerticleTest extends ConfigFixture {

  private final UpstreamRegistry registry = registry(new CircuitBreakerVerticle(new Unsecured()));
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch heard = new CountDownLatch(1);

  @Test
  void namesThatAreLookedUpWhileAChangeIsCompiledAreNotForgotten() throws Exception {
    ConfigVerticle config = configured(registry);
    compiling = this::held;

    Future<Void> change =
        config.changed("dir:x", Map.of("dir:x", List.of(entry("search", "s.invalid", "DNS"))));
    assertThat(begun.await(20, SECONDS)).isTrue();
    Future<Void> known = config.resolved(Map.of("s.invalid", List.of("10.0.0.7")));
    vertx.runOnContext(now -> heard.countDown()); // the one loop heard of the names by then
    done(change);
    done(known);

    assertThat(config.status().addresses()).containsEntry("s.invalid", List.of("10.0.0.7"));
    assertThat(endpoints()).containsExactly("10.0.0.7:8080");
  }

  private void held() {
    begun.countDown();
    try {
      assertThat(heard.await(20, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> endpoints() {
    return registry.all().stream()
        .flatMap(upstream -> upstream.endpoints().endpoints().stream())
        .map(Endpoint::address)
        .toList();
  }
}
