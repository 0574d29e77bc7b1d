package dev.weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ConfigLoaderTest {

  private static final String CANARY =
      """
      apiVersion: networking.istio.io/v1alpha3
      kind: VirtualService
      metadata:
        name: search-service
      spec:
        hosts:
        - search-api.prod.svc.cluster.local
        http:
        - route:
          - destination:
              host: search-service
              subset: v1
            weight: 95
          - destination:
              host: search-service
              subset: v2
            weight: 5
      """;

  @Test
  void theCanaryDocumentLoadsAsItStands() {
    LoadResult result = load(CANARY);

    assertThat(result.accepted()).isTrue();
    HttpAction.Route route =
        (HttpAction.Route) result.config().virtualServices().get(0).http().get(0).action();
    assertThat(route.destinations()).extracting(WeightedDestination::weight).containsExactly(95, 5);
    assertThat(route.destinations().get(0).destination().host())
        .isEqualTo("search-service.default.svc.cluster.local");
    assertThat(result.problems()).extracting(Problem::code).containsExactly("WF120", "WF120");
  }

  @Test
  void anErrorNamesPlaceFieldValueAndHint() {
    LoadResult result = load(CANARY.replace("weight: 5\n", "weight: -5\n"));

    assertThat(result.accepted()).isFalse();
    assertThat(result.problems().stream().filter(Problem::error).map(Problem::toString))
        .containsExactly(
            """
            a.yaml:17:15: spec.http[0].route[1].weight: error: weight -5 (expected: 0 to 1000000)
              hint: 0 sends nothing to subset 'v2'""");
  }

  @Test
  void twentyThousandRoutesLoadWhole() {
    StringBuilder text = new StringBuilder(CANARY.substring(0, CANARY.indexOf("  - route:")));
    for (int i = 0; i < 20_000; i++) {
      text.append("  - match: [{uri: {exact: /p").append(i).append("}}]\n");
      text.append("    route: [{destination: {host: a.b}}]\n");
    }

    LoadResult result = load(text.toString());

    assertThat(result.accepted()).isTrue();
    assertThat(result.config().virtualServices().get(0).http()).hasSize(20_000);
  }

  @Test
  void everyExampleLoadsWithoutAnError() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("examples"))) {
      for (Path folder : folders.toList()) {
        LoadResult result = ConfigLoader.load(documents(folder));
        assertThat(result.problems()).as(folder.toString()).noneMatch(Problem::error);
      }
    }
  }

  private static List<ConfigDocument> documents(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(ConfigLoaderTest::document).toList();
    }
  }

  private static ConfigDocument document(Path file) {
    try {
      return new ConfigDocument("examples", file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static LoadResult load(String text) {
    return ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
  }
}
