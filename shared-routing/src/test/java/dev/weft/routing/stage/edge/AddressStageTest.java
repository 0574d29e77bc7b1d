package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.stage.StageFixture;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AddressStageTest extends StageFixture {

  @Test
  void whoMayComeIsServed() {
    Future<Response> answer = stage("10.0.0.0/24").apply(get(), backend);

    assertThat(answer.result().status()).isEqualTo(200);
    assertThat(served).hasSize(1);
  }

  @Test
  void whoMayNotIsRefusedBeforeAnythingIsDone() {
    ProxyFailure refused = (ProxyFailure) stage("10.0.1.0/24").apply(get(), backend).cause();

    assertThat(served).isEmpty();
    assertThat(refused.reason()).isEqualTo(Cause.ADDRESS_DENIED);
    assertThat(refused).hasMessage("route default/t#0: address 10.0.0.9 is not in allowFrom");
  }

  private static AddressStage stage(String allowed) {
    return new AddressStage(
        Addresses.of(
            new EdgePolicy(
                List.of(allowed),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }
}
