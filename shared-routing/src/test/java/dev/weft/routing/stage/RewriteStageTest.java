package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HeaderEdits.Edits;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Response;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RewriteStageTest extends StageFixture {

  @Test
  void pathAndAuthorityGoOutAsDecidedAndTheOldPathIsTold() {
    Exchange exchange = get();
    exchange.decided(
        new Decision(
            new RouteId("t", 0),
            new Forward(V1, 0),
            "/b?q=1",
            "other.test",
            Optional.empty(),
            List.of()));

    new RewriteStage(HeaderEdits.NONE, List.of(HeaderEdits.NONE)).apply(exchange, backend);

    assertThat(exchange.request().target()).isEqualTo("/b?q=1");
    assertThat(exchange.request().authority()).isEqualTo("other.test");
    assertThat(exchange.request().headers().get("x-envoy-original-path")).isEqualTo("/a?q=1");
  }

  @Test
  void aPathThatStaysIsNotToldTwice() {
    Exchange exchange = get();

    new RewriteStage(HeaderEdits.NONE, List.of(HeaderEdits.NONE)).apply(exchange, backend);

    assertThat(exchange.request().headers().contains("x-envoy-original-path")).isFalse();
  }

  @Test
  void theRulesEditsComeBeforeTheDestinations() {
    Exchange exchange = get("x-b", "old", "x-c", "gone");
    HeaderEdits rule = request(Map.of("x-a", "rule"), Map.of("x-b", "more"), List.of("x-c"));
    HeaderEdits finer = request(Map.of("x-a", "destination"), Map.of(), List.of());

    new RewriteStage(rule, List.of(finer)).apply(exchange, backend);

    assertThat(exchange.request().headers().getAll("x-a")).containsExactly("destination");
    assertThat(exchange.request().headers().getAll("x-b")).containsExactly("old", "more");
    assertThat(exchange.request().headers().contains("x-c")).isFalse();
  }

  @Test
  void hostAndPseudoHeadersAreNotTouched() {
    Exchange exchange = get();
    HeaderEdits rule = request(Map.of("host", "x", ":path", "/x"), Map.of(), List.of());

    new RewriteStage(rule, List.of(HeaderEdits.NONE)).apply(exchange, backend);

    assertThat(exchange.request().headers().isEmpty()).isTrue();
  }

  @Test
  void anAnswerIsEditedInTheSameOrder() {
    HeaderEdits rule = response(Map.of("x-v", "rule"));
    HeaderEdits finer = response(Map.of("x-v", "v1"));

    Response answer = new RewriteStage(rule, List.of(finer)).apply(get(), backend).result();

    assertThat(answer.headers().getAll("x-v")).containsExactly("v1");
  }

  private static HeaderEdits request(
      Map<String, String> set, Map<String, String> add, List<String> remove) {
    return new HeaderEdits(new Edits(set, add, remove), Edits.NONE);
  }

  private static HeaderEdits response(Map<String, String> set) {
    return new HeaderEdits(Edits.NONE, new Edits(set, Map.of(), List.of()));
  }
}
