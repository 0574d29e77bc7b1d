package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.config.model.settings.edge.BasicAuth.User;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.stage.StageFixture;
import dev.weft.routing.stage.edge.password.Passwords;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class BasicAuthStageTest extends StageFixture {

  private static final String RIGHT = "Basic YWRhOmdyw7xu"; // ada:grün
  private static final String WRONG = "Basic YWRhOmdydW4="; // ada:grun
  private static final BasicAuth BASIC =
      new BasicAuth(
          "shop",
          List.of(
              new User(
                  "ada",
                  "$pbkdf2-sha256$100000$AAECAwQFBgcICQoLDA0ODw"
                      + "$ohJQm/tkKCE568S36hQxGUpKEsaR4J25KBCqPmkrWbc")),
          true);

  @Test
  void whoProvesToBeAUserIsServedAndNamed() {
    Exchange exchange = get("authorization", RIGHT);

    assertThat(stage(BASIC).apply(exchange, backend).succeeded()).isTrue();

    assertThat(served).hasSize(1);
    assertThat(exchange.request().headers().get("x-weft-user")).isEqualTo("ada");
    assertThat(exchange.request().headers().contains("authorization")).isFalse();
    assertThat(exchange.known().user()).contains("ada");
  }

  @Test
  void thePasswordGoesOnWhereTheServiceWantsIt() {
    Exchange exchange = get("authorization", RIGHT);

    stage(new BasicAuth("shop", BASIC.users(), false)).apply(exchange, backend);

    assertThat(exchange.request().headers().get("authorization")).isEqualTo(RIGHT);
  }

  @Test
  void whoDoesNotIsToldHow() {
    for (Exchange exchange :
        List.of(
            get(),
            get("authorization", WRONG),
            get("authorization", "Bearer x"),
            get("authorization", RIGHT, "authorization", RIGHT))) {
      ProxyFailure refused = failureOf(stage(BASIC).apply(exchange, backend));

      assertThat(refused.reason()).isEqualTo(Cause.BAD_CREDENTIALS);
      assertThat(refused.headers())
          .containsEntry("www-authenticate", "Basic realm=\"shop\", charset=\"UTF-8\"");
      assertThat(refused.getMessage()).doesNotContain("gr");
      assertThat(exchange.known().user()).isEmpty();
    }
    assertThat(served).isEmpty();
  }

  @Test
  void whatIsNotFoundOutInTimeIsTriedLater() {
    Future<Response> answer = waiting().apply(get("authorization", RIGHT), backend);
    assertThat(answer.isComplete()).isFalse();

    time.turn(Duration.ofSeconds(5));

    assertThat(failureOf(answer).reason()).isEqualTo(Cause.OVERLOADED);
    assertThat(failureOf(answer).headers()).containsEntry("retry-after", "1");
    assertThat(served).isEmpty();
  }

  @Test
  void aCallerThatGoesAwayWaitsNoMore() {
    Exchange exchange = get("authorization", RIGHT);
    Future<Response> answer = waiting().apply(exchange, backend);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "gone"));

    assertThat(failureOf(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
    assertThat(time.pending()).isZero();
  }

  private static BasicAuthStage stage(BasicAuth basic) {
    return new BasicAuthStage(
        basic, new Passwords(basic, Runnable::run, new SecretKeySpec(new byte[32], Passwords.MAC)));
  }

  private static BasicAuthStage waiting() {
    return new BasicAuthStage(
        BASIC, new Passwords(BASIC, never -> {}, new SecretKeySpec(new byte[32], Passwords.MAC)));
  }

  private static ProxyFailure failureOf(Future<Response> answer) {
    return (ProxyFailure) answer.cause();
  }
}
