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
import java.util.ArrayList;
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

  private final List<Runnable> line = new ArrayList<>(); // nobody works

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
        List.of(get(), get("authorization", WRONG), get("authorization", "Bearer x"))) {
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
  void severalCredentialsAreRefusedAndNoneIsLookedAt() {
    Exchange exchange = get("authorization", RIGHT, "Authorization", RIGHT);

    ProxyFailure refused = failureOf(waiting().apply(exchange, backend));

    assertThat(refused.reason()).isEqualTo(Cause.BAD_REQUEST);
    assertThat(refused).hasMessage("route default/t#0: several Authorization headers");
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
    BasicAuthStage stage = waiting();
    Future<Response> answer = stage.apply(exchange, backend);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "gone"));

    line.remove(0).run();
    stage.apply(get("authorization", RIGHT), backend);
    assertThat(line).as("the password was not looked at, so that it is not known").hasSize(1);
    assertThat(time.pending()).as("its timer is that of the other one").isEqualTo(1);
    assertThat(failureOf(answer).reason()).isEqualTo(Cause.CLIENT_GONE);
  }

  private static BasicAuthStage stage(BasicAuth basic) {
    return new BasicAuthStage(
        basic, new Passwords(basic, Runnable::run, new SecretKeySpec(new byte[32], Passwords.MAC)));
  }

  private BasicAuthStage waiting() {
    return new BasicAuthStage(
        BASIC, new Passwords(BASIC, line::add, new SecretKeySpec(new byte[32], Passwords.MAC)));
  }

  private static ProxyFailure failureOf(Future<Response> answer) {
    return (ProxyFailure) answer.cause();
  }
}
