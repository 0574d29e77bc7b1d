package dev.weft.routing.process.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.model.settings.edge.SecurityHeaders;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EdgeFactsTest {

  @Test
  void whereNothingIsAskedNothingIsTold() {
    assertThat(EdgeFacts.of(EdgePolicy.NONE)).isEmpty();
  }

  @Test
  void eachThingIsToldAndLongListsAreCut() {
    List<String> many = IntStream.range(0, 12).mapToObj(i -> "10.0.0." + i).toList();
    SecurityHeaders headers =
        new SecurityHeaders(Optional.of("max-age=1"), Map.of("x-frame-options", "DENY"), false);

    JsonObject json =
        EdgeFacts.of(
            new EdgePolicy(
                List.of("10.0.0.0/8"),
                many,
                Optional.empty(),
                Optional.of(
                    new ApiKeys(
                        Optional.of("x-api-key"),
                        Optional.empty(),
                        List.of(new ApiKeys.Key("a", "abc")))),
                Optional.of(
                    new BasicAuth("shop", List.of(new BasicAuth.User("ada", "$2y$")), true)),
                Optional.of(headers)));

    assertThat(json.getJsonArray("deny_from")).hasSize(12);
    assertThat(json.encode()).doesNotContain("abc", "$2y$");
    assertThat(EdgeFacts.lines(json))
        .containsExactly(
            "not from " + String.join(", ", many.subList(0, 10)) + " and 2 more",
            "only from 10.0.0.0/8",
            "needs an API key in header x-api-key",
            "needs a name and a password for 'shop'",
            "answers get strict-transport-security, x-frame-options");
  }
}
