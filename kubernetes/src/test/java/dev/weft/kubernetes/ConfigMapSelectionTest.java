package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigMapSelectionTest {

  @Test
  void oneIsNamed() {
    ConfigMapSelection one = ConfigMapSelection.parse("configmap:prod/routes.v1");

    assertThat(one.namespace()).contains("prod");
    assertThat(one.name()).contains("routes.v1");
    assertThat(one.selector()).isEmpty();
    assertThat(one).hasToString("configmap:prod/routes.v1");
  }

  @Test
  void severalArePickedByTheirLabels() {
    ConfigMapSelection several =
        ConfigMapSelection.parse("configmap:prod?label=weft.dev/config in (a,b),tier!=test");

    assertThat(several.namespace()).contains("prod");
    assertThat(several.name()).isEmpty();
    assertThat(several.selector()).contains("weft.dev/config in (a,b),tier!=test");
    assertThat(several).hasToString("configmap:prod?label=weft.dev/config in (a,b),tier!=test");
  }

  @Test
  void aStarIsForAllNamespaces() {
    ConfigMapSelection all = ConfigMapSelection.parse("configmap:*?label=team in (a,b)");

    assertThat(all.namespace()).isEmpty();
    assertThat(all.selector()).contains("team in (a,b)");
    assertThat(all).hasToString("configmap:*?label=team in (a,b)");
    assertThat(ConfigMapSelection.parse("configmap:*"))
        .hasToString("configmap:*?label=weft.dev/config=true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "configmap:",
        "configmap:prod",
        "configmap:prod/",
        "configmap:/routes",
        "configmap:Prod/routes",
        "configmap:prod.x/routes",
        "configmap:prod/../secrets/x",
        "configmap:prod/a?label=b",
        "configmap:*/routes",
        "configmap:**?label=b",
        "configmap:*?label=",
        "configmap:prod?label=",
        "configmap:prod?name=x",
        "dir:prod/routes",
      })
  void whatIsNeitherIsRefused(String text) {
    assertThatThrownBy(() -> ConfigMapSelection.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "config: "
                + text
                + " (expected: configmap:NAMESPACE/NAME, configmap:NAMESPACE?label=SELECTOR,"
                + " configmap:* or configmap:*?label=SELECTOR)");
  }

  @Test
  void eachKeyOfAConfigMapIsADocumentOfItsUnit() {
    ConfigMapUnit unit = ConfigMapUnit.of("prod", "routes", Map.of("b.yaml", "B", "a.yaml", "A"));

    assertThat(unit.name()).isEqualTo("configmap:prod/routes");
    assertThat(unit.documents())
        .containsExactly(
            new ConfigDocument("configmap:prod/routes", "configmap:prod/routes#a.yaml", "A"),
            new ConfigDocument("configmap:prod/routes", "configmap:prod/routes#b.yaml", "B"));
  }
}
