package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.SecurityHeaders;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.stage.StageFixture;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SecurityHeadersStageTest extends StageFixture {

  private static final String AGE = "max-age=31536000";

  @Test
  void whatTheServiceDidNotSayIsSaid() {
    Service saying =
        exchange -> {
          Response response = new LocalResponse(200, Buffer.buffer());
          response.headers().set("x-frame-options", "SAMEORIGIN").set("server", "tomcat");
          return Future.succeededFuture(response);
        };

    Response answer = stage().apply(get("x-forwarded-proto", "http"), saying).result();

    assertThat(answer.headers().getAll("x-frame-options")).containsExactly("SAMEORIGIN");
    assertThat(answer.headers().get("x-content-type-options")).isEqualTo("nosniff");
    assertThat(answer.headers().contains("server")).isFalse();
    assertThat(answer.headers().contains("strict-transport-security")).isFalse();
  }

  @Test
  void transportSecurityIsToldOverTlsOnly() {
    Response plain = stage().apply(get(), backend).result();
    Response secured = stage().apply(get("x-forwarded-proto", "https"), backend).result();

    assertThat(plain.headers().contains("strict-transport-security")).isFalse();
    assertThat(secured.headers().get("strict-transport-security")).isEqualTo(AGE);
  }

  @Test
  void refusalsSayItTooBesideTheirOwn() {
    Map<String, String> own = Map.of("retry-after", "1", "x-frame-options", "own");
    ProxyFailure cause = new ProxyFailure(Cause.RATE_LIMITED, "too many", own);

    ProxyFailure told =
        (ProxyFailure) stage().apply(get(), exchange -> Future.failedFuture(cause)).cause();

    assertThat(told.reason()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(told).hasMessage("too many");
    assertThat(told.headers())
        .containsOnly(
            Map.entry("retry-after", "1"),
            Map.entry("x-frame-options", "own"),
            Map.entry("x-content-type-options", "nosniff"));
  }

  @Test
  void anotherFailureStaysWhatItIs() {
    Throwable fault = new IllegalStateException("ours");

    assertThat(stage().apply(get(), exchange -> Future.failedFuture(fault)).cause())
        .isSameAs(fault);
  }

  private static SecurityHeadersStage stage() {
    return new SecurityHeadersStage(
        new SecurityHeaders(
            Optional.of(AGE),
            Map.of("x-frame-options", "DENY", "x-content-type-options", "nosniff"),
            true));
  }
}
