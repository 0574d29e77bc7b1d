package dev.weft.config.model.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class SettingsTest {

  private static final Map<String, String> LABELS = Map.of("app", "search", "version", "v1");

  @Test
  void whereNothingIsSaidTheDefaultsHold() {
    assertThat(settings()).isEqualTo(Settings.DEFAULT);
    assertThat(settings(document("default", "default", "{}"))).isEqualTo(Settings.DEFAULT);
  }

  @Test
  void theNearestThatSaysSomethingCounts() {
    String unnamed = document("default", "default", "{limits: {headers: 1}, replayBytes: 1}");
    String root = document("default", "weft-system", "{limits: {headers: 2}}");
    String namespace = document("default", "prod", "{limits: {headers: 3}}");
    String own =
        document("a", "prod", "{selector: {matchLabels: {app: search}}, limits: {headers: 4}}");

    assertThat(settings(unnamed).limits().headers()).isEqualTo(1);
    assertThat(settings(unnamed, root).limits().headers()).isEqualTo(2);
    assertThat(settings(unnamed, root, namespace).limits().headers()).isEqualTo(3);
    assertThat(settings(unnamed, root, namespace, own).limits().headers()).isEqualTo(4);
    assertThat(settings(unnamed, root, namespace, own).replayBytes()).isEqualTo(1);
  }

  @Test
  void lintIsTurnedOffForAllOrForSome() {
    String off = document("default", "default", "{lint: off}");
    String on = document("default", "prod", "{lint: on}");

    assertThat(settings(off).lint()).isFalse();
    assertThat(settings(off, on).lint()).isTrue();
  }

  @Test
  void aBlockCountsAsAWhole() {
    String wide = document("default", "weft-system", "{limits: {headers: 2, bodyBytes: 7}}");
    String near = document("default", "prod", "{limits: {headers: 3}}");

    assertThat(settings(wide, near).limits().headers()).isEqualTo(3);
    assertThat(settings(wide, near).limits().bodyBytes()).isZero();
  }

  @Test
  void othersAreNotReached() {
    String namespace = document("default", "test", "{limits: {headers: 3}}");
    String label =
        document("a", "prod", "{selector: {matchLabels: {app: web}}, limits: {headers: 4}}");
    String elsewhere =
        document("b", "test", "{selector: {matchLabels: {app: search}}, limits: {headers: 5}}");

    assertThat(settings(namespace, label, elsewhere)).isEqualTo(Settings.DEFAULT);
  }

  @Test
  void aSelectorInARootNamespaceReachesAll() {
    String root =
        document("a", "istio-system", "{selector: {matchLabels: {app: search}}, replayBytes: 5}");

    assertThat(settings(root).replayBytes()).isEqualTo(5);
  }

  @Test
  void rulesOfNearerSettingsAreTriedFirst() {
    String wide =
        document(
            "default",
            "weft-system",
            "{routes: [{match: {host: a.test}, sticky: {header: wide}}]}");
    String near =
        document("default", "prod", "{routes: [{match: {host: a.test}, sticky: {header: near}}]}");

    List<RouteSettings> routes = settings(wide, near).routes();

    assertThat(routes.stream().map(one -> one.sticky().orElseThrow()))
        .containsExactly(new StickyKey.Header("near"), new StickyKey.Header("wide"));
  }

  @Test
  void thePasswordOfARedisIsNotShown() {
    String said = document("default", "default", "{redis: {url: 'redis://:secret@r:6379'}}");

    assertThat(settings(said).redis().url()).contains("secret");
    assertThat(settings(said).toString()).doesNotContain("secret").contains("redacted");
  }

  private static String document(String name, String namespace, String spec) {
    return "apiVersion: weft.dev/v1\nkind: ProxySettings\nmetadata: {name: "
        + name
        + ", namespace: "
        + namespace
        + "}\nspec: "
        + spec;
  }

  private static Settings settings(String... documents) {
    String text = Arrays.stream(documents).collect(Collectors.joining("\n---\n"));
    LoadResult read = ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
    assertThat(read.accepted()).as("%s", read.problems()).isTrue();
    return Settings.of(read.config().proxySettings(), "prod", LABELS);
  }
}
