package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpAction.Body;
import dev.weft.routing.exchange.Decision.Denied;
import dev.weft.routing.exchange.Decision.Direct;
import dev.weft.routing.exchange.Decision.Redirect;
import dev.weft.routing.exchange.Decision.Refuse;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class RespondServiceTest extends StageFixture {

  private final RespondService service = new RespondService();

  @Test
  void aRedirectHasItsLocationAndNoBody() {
    Exchange exchange = get();
    decide(exchange, new Redirect(308, "https://other.test/a"));

    Response answer = service.serve(exchange).result();

    assertThat(answer.status()).isEqualTo(308);
    assertThat(answer.headers().get("location")).isEqualTo("https://other.test/a");
    assertThat(answer.headers().get("content-length")).isEqualTo("0");
  }

  @Test
  void aDirectAnswerHasItsBody() {
    Exchange exchange = get();
    decide(exchange, new Direct(503, new Body("closed".getBytes(StandardCharsets.UTF_8))));

    Response answer = service.serve(exchange).result();

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers().get("content-length")).isEqualTo("6");
    assertThat(answer.headers().get("proxy-status"))
        .isEqualTo("weft; error=proxy_internal_response; cause=direct_response");
  }

  @Test
  void aDenialOfACallOfGrpcHasItsStatusAndNoBody() {
    Exchange exchange = grpc();
    Exchange web = get("content-type", "application/grpc-web+proto");
    Denied denied =
        new Denied(
            401,
            HttpHeaders.headers().add("x-reason", "none"),
            Buffer.buffer("who?"),
            new ProxyFailure(Cause.EXTERNALLY_DENIED, "why"));
    decide(exchange, denied);
    decide(web, denied);

    Response answer = service.serve(exchange).result();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("grpc-status")).isEqualTo("16");
    assertThat(answer.headers().get("x-reason")).isEqualTo("none");
    assertThat(answer.headers().contains("content-length")).isFalse();
    assertThat(answer.reason()).contains(denied.reason());
    assertThat(service.serve(web).result().headers().get("content-type"))
        .isEqualTo("application/grpc-web+proto");
  }

  @Test
  void aRefusalFailsWithItsCauseAndHost() {
    Exchange exchange = get();
    decide(exchange, new Refuse(Cause.NO_ROUTE));

    assertThat(failure(service.serve(exchange)).reason()).isEqualTo(Cause.NO_ROUTE);
    assertThat(failure(service.serve(exchange))).hasMessageContaining("host shop.test:80");
  }
}
