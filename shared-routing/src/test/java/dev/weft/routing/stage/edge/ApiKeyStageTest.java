package dev.weft.routing.stage.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.stage.StageFixture;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiKeyStageTest extends StageFixture {

  private static final List<ApiKeys.Key> KEYS =
      List.of(
          new ApiKeys.Key(
              "batch", "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"),
          new ApiKeys.Key(
              "one", "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"));

  @Test
  void aKeyIsNamedAndStaysHere() {
    Exchange exchange = get("x-api-key", "key");

    assertThat(header().apply(exchange, backend).succeeded()).isTrue();

    assertThat(exchange.request().headers().get("x-weft-api-key")).isEqualTo("batch");
    assertThat(exchange.request().headers().contains("x-api-key")).isFalse();
    assertThat(exchange.known().apiKey()).contains("batch");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "KEY", "key ", " key", "key,key", "ke", "keyy", "batch"})
  void anotherIsRefused(String shown) {
    ProxyFailure refused = (ProxyFailure) header().apply(get("x-api-key", shown), backend).cause();

    assertThat(refused.reason()).isEqualTo(Cause.BAD_API_KEY);
    assertThat(refused.headers()).containsKey("www-authenticate");
    assertThat(served).isEmpty();
  }

  @Test
  void noneAndSeveralAreRefused() {
    assertThat(header().apply(get(), backend).cause()).hasMessageContaining("no API key");
    assertThat(header().apply(get("x-api-key", "key", "X-Api-Key", "key"), backend).cause())
        .hasMessageContaining("several");
    assertThat(header().apply(get("x-api-key", "k".repeat(1025)), backend).failed()).isTrue();
    assertThat(served).isEmpty();
  }

  @Test
  void severalCredentialsAreRefusedWhateverTheKey() {
    Exchange exchange = get("x-api-key", "key", "authorization", "a", "Authorization", "b");

    assertThat(((ProxyFailure) header().apply(exchange, backend).cause()).reason())
        .isEqualTo(Cause.BAD_REQUEST);
    assertThat(served).isEmpty();
  }

  @Test
  void aKeyInTheQueryStaysHereToo() {
    Exchange exchange = get(); // of /a?q=1

    assertThat(query("q").apply(exchange, backend).succeeded()).isTrue();

    assertThat(exchange.known().apiKey()).contains("one");
    assertThat(exchange.request().target()).isEqualTo("/a");
    assertThat(exchange.request().head().target()).isEqualTo("/a");
    assertThat(exchange.decision().target()).isEqualTo("/a");
  }

  @Test
  void aQueryWithoutTheKeyIsRefusedAndLeftAlone() {
    Exchange exchange = get();

    assertThat(query("key").apply(exchange, backend).failed()).isTrue();
    assertThat(exchange.request().target()).isEqualTo("/a?q=1");
  }

  private static ApiKeyStage header() {
    return new ApiKeyStage(new ApiKeys(Optional.of("x-api-key"), Optional.empty(), KEYS));
  }

  private static ApiKeyStage query(String name) {
    return new ApiKeyStage(new ApiKeys(Optional.empty(), Optional.of(name), KEYS));
  }
}
