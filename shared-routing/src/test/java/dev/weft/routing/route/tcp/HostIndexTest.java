package dev.weft.routing.route.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostIndexTest {

  private static final Map<String, String> HOSTS =
      Map.of("a.b.test", "name", "*.b.test", "narrow", "*.test", "wide", "*", "all");

  @ParameterizedTest
  @CsvSource({
    "a.b.test, name",
    "c.b.test, narrow",
    "x.a.b.test, narrow",
    "b.test, wide",
    "test, all",
    "'', all",
    "other, all"
  })
  void theClosestHostHasAName(String name, String expected) {
    HostIndex<String> index = new HostIndex<>(HOSTS);

    assertThat(index.closest(name)).contains(expected);
    assertThat(index.closestOr(name, "none")).isEqualTo(expected);
  }

  @Test
  void theNextCloserOneIsAskedWhereOneHasNoAnswer() {
    HostIndex<String> index = new HostIndex<>(HOSTS);

    assertThat(
            index.first(
                "a.b.test", one -> one.equals("wide") ? Optional.of("found") : Optional.empty()))
        .contains("found");
    assertThat(index.first("a.b.test", one -> Optional.empty())).isEmpty();
  }

  @Test
  void withoutAHostForAllOthersHaveNothing() {
    HostIndex<String> index = new HostIndex<>(Map.of("*.b.test", "narrow"));

    assertThat(index.closest("b.test")).isEmpty();
    assertThat(index.closestOr("x.test", "none")).isEqualTo("none");
    assertThat(index.isEmpty()).isFalse();
    assertThat(new HostIndex<>(Map.of()).isEmpty()).isTrue();
  }
}
