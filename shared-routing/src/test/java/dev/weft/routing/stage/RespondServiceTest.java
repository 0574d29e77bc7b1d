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
  void aDirectAnswerToACallOfGrpcIsAStatus() {
    Exchange exchange = grpc();
    String body = "100 % closed\nüber";
    decide(exchange, new Direct(503, new Body(body.getBytes(StandardCharsets.UTF_8))));

    Response answer = service.serve(exchange).result();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/grpc");
    assertThat(answer.headers().get("grpc-status")).isEqualTo("14");
    assertThat(answer.headers().get("grpc-message")).isEqualTo("100 %25 closed%0A%C3%BCber");
    assertThat(answer.headers().get("proxy-status")).endsWith("cause=direct_response");
    assertThat(answer.reason().orElseThrow().reason()).isEqualTo(Cause.DIRECT_RESPONSE);
  }

  @Test
  void aLongBodyIsNoLongMessage() {
    Exchange exchange = grpc();
    decide(exchange, new Direct(429, new Body(new byte[100_000])));

    Response answer = service.serve(exchange).result();

    assertThat(answer.headers().get("grpc-status")).isEqualTo("14");
    assertThat(answer.headers().get("grpc-message")).hasSize(3 * 1024);
    assertThat(answer.reason()).isEmpty();
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
