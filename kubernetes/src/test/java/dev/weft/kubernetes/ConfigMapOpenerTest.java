package dev.weft.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a ConfigMap may define, from its content to what is applied. */
final class ConfigMapOpenerTest {

  private static final String SOURCE = "configmap:prod?label=routes";

  private final List<Map<String, List<ConfigDocument>>> told = new ArrayList<>();
  private final ConfigUnits loaded = new ConfigUnits(List.of(SOURCE));

  @Test
  void aConfigMapDefinesResourcesOfItsOwnNamespaceOnly() {
    ConfigUnits.Outcome change =
        applied(
            "weft-system",
            map("prod", "own", rule("a", "prod")),
            map("prod", "b", rule("b", "shop")));

    assertThat(names(change)).containsExactly("prod/a");
    assertThat(change.problems().stream().filter(Problem::error))
        .extracting(Problem::message)
        .containsExactly("a resource of namespace 'shop' (expected: prod)");
  }

  @Test
  void withoutANamespaceAResourceIsOfThatOfItsConfigMap() {
    assertThat(names(applied("weft-system", map("prod", "own", rule("a", "")))))
        .containsExactly("prod/a");
  }

  @Test
  void inWeftsOwnNamespaceItDefinesThoseOfAll() {
    String secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: edge}\n";

    ConfigUnits.Outcome change =
        applied("weft-system", map("weft-system", "all", rule("a", "prod") + "---\n" + secret));

    assertThat(names(change)).containsExactly("prod/a");
    assertThat(change.problems().stream().filter(Problem::error)).isEmpty();
  }

  @Test
  void whereTheOwnNamespaceIsNotKnownEveryConfigMapIsBound() {
    ConfigMapOpener.Units units = new ConfigMapOpener.Units(Optional.empty(), told::add);
    units.told(List.of(map("weft-system", "all", rule("a", "prod"))));

    assertThat(loaded.change(SOURCE, told.get(0)).config()).isEmpty();
  }

  @Test
  void noConfigMapDefinesASecret() {
    String secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";

    ConfigUnits.Outcome change = applied("weft-system", map("prod", "own", secret));

    assertThat(change.problems().stream().filter(Problem::error))
        .extracting(Problem::message)
        .containsExactly("a Secret in a ConfigMap");
  }

  @Test
  void aConfigMapThatIsGoneTakesItsResourcesAlong() {
    ConfigMapOpener.Units units = new ConfigMapOpener.Units(Optional.of("weft-system"), told::add);
    ConfigMapUnit one = map("prod", "one", rule("a", "prod"));
    ConfigMapUnit two = map("prod", "two", rule("b", "prod"));

    units.told(List.of(one, two));
    units.told(List.of(two));

    loaded.change(SOURCE, told.get(0));
    assertThat(names(loaded.change(SOURCE, told.get(1)))).containsExactly("prod/b");
  }

  private ConfigUnits.Outcome applied(String own, ConfigMapUnit... all) {
    new ConfigMapOpener.Units(Optional.of(own), told::add).told(List.of(all));
    return loaded.change(SOURCE, told.get(0));
  }

  private static List<String> names(ConfigUnits.Outcome change) {
    return change.config().orElseThrow().virtualServices().stream()
        .map(VirtualService::meta)
        .map(meta -> meta.qualifiedName())
        .toList();
  }

  private static ConfigMapUnit map(String namespace, String name, String text) {
    return ConfigMapUnit.of(namespace, name, Map.of("a.yaml", text));
  }

  private static String rule(String name, String namespace) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: %s%s}
    spec: {hosts: [%s.test], http: [{directResponse: {status: 200}}]}
    """
        .formatted(name, namespace.isEmpty() ? "" : ", namespace: " + namespace, name);
  }
}
