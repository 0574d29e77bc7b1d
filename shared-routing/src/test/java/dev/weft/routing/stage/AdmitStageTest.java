package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AdmitStageTest extends StageFixture {

  private final AtomicInteger underWay = new AtomicInteger();
  private final AdmitStage stage = new AdmitStage(underWay, 2);

  @Test
  void whatIsMoreThanTheLimitIsRefusedAtOnce() {
    Promise<Response> never = Promise.promise();
    stage.apply(get(), asked -> never.future());
    stage.apply(get(), asked -> never.future());

    Future<Response> third = stage.apply(get(), backend);

    assertThat(failure(third).reason()).isEqualTo(Cause.OVERLOADED);
    assertThat(failure(third)).hasMessage("route default/t#0: 2 are under way");
    assertThat(served).isEmpty();
    assertThat(underWay).hasValue(2);
  }

  @Test
  void aPlaceIsGivenBackWithTheAnswersLastByte() {
    Response answer = stage.apply(get(), backend).result();
    assertThat(underWay).hasValue(1);

    answer.body().resume();

    assertThat(underWay).hasValue(0);
  }

  @Test
  void aPlaceIsGivenBackByWhatFails() {
    stage.apply(get(), asked -> Future.failedFuture("no"));
    Future<Response> fault =
        stage.apply(
            get(),
            asked -> {
              throw new IllegalStateException("a fault of ours");
            });

    assertThat(fault.cause()).hasMessage("a fault of ours");
    assertThat(underWay).hasValue(0);
  }
}
