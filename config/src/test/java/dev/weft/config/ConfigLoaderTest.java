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
  void aBodyOfItsOwnIsBelowAMebibyte() {
    int most = (1 << 20) - 1;

    assertThat(load(direct(most)).problems().stream().map(Problem::toString))
        .containsExactly(
            "a.yaml:4:69: spec.http[0].directResponse.body: warning: 1048575 bytes kept in every"
                + " proxy\n  hint: serve it elsewhere");
    assertThat(load(direct(most + 1)).problems().stream().map(Problem::toString))
        .containsExactly(
            "a.yaml:4:69: spec.http[0].directResponse.body: error: 1048576 bytes (expected: below"
                + " 1 MiB)");
  }

  private static String direct(int length) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: a}
    spec: {hosts: [a.test], http: [{directResponse: {status: 200, body: {string: %s}}}]}
    """
        .formatted("x".repeat(length));
  }

  @Test
  void anErrorNamesPlaceFieldValueAndHint() {
    LoadResult result = load(CANARY.replace("weight: 5\n", "weight: -5\n"));

    assertThat(result.accepted()).isFalse();
    assertThat(result.problems().stream().filter(Problem::error).map(Problem::toString))
        .containsExactly(
            """
            a.yaml:17:15: spec.http[0].route[1].weight: error: weight -5 (expected: 0 to 1000000)
              hint: 0 sends nothing to subset 'v2'\
            """);
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

  @Test
  void whatDidNotChangeIsNotReadAnew() {
    ConfigLoader loader = new ConfigLoader();
    ConfigDocument other = new ConfigDocument("test", "b.yaml", CANARY.replace("search", "b"));
    LoadResult before = loader.read(List.of(new ConfigDocument("test", "a.yaml", CANARY), other));

    String edited = CANARY.replace("weight: 95", "weight: 50");
    LoadResult after = loader.read(List.of(new ConfigDocument("test", "a.yaml", edited), other));

    assertThat(after.config().virtualServices().get(0))
        .isSameAs(before.config().virtualServices().get(0)); // default/b-service
    assertThat(after.config().virtualServices().get(1))
        .isNotEqualTo(before.config().virtualServices().get(1));
    assertThat(after)
        .isEqualTo(ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", edited), other)));
  }

  @Test
  void aShortNameMeansAnotherHostOnceAServiceEntryHasIt() {
    ConfigLoader loader = new ConfigLoader();
    ConfigDocument rule = new ConfigDocument("test", "a.yaml", CANARY);
    String entry =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: s}
        spec: {hosts: [search-service], ports: [{number: 80, name: http}], resolution: STATIC}
        """;

    String before = host(loader.read(List.of(rule)));
    String with = host(loader.read(List.of(rule, new ConfigDocument("test", "b.yaml", entry))));
    String again = host(loader.read(List.of(rule)));

    assertThat(List.of(before, with, again))
        .containsExactly(
            "search-service.default.svc.cluster.local",
            "search-service",
            "search-service.default.svc.cluster.local");
  }

  private static String host(LoadResult result) {
    HttpAction.Route route =
        (HttpAction.Route) result.config().virtualServices().get(0).http().get(0).action();
    return route.destinations().get(0).destination().host();
  }

  @Test
  void ofVeryManyProblemsTheRestIsCounted() {
    LoadResult result = load("--- x\n".repeat(5000));

    assertThat(result.problems()).hasSize(1001);
    assertThat(result.problems().toString())
        .contains("and 4000 more from here on, not told one by one");
  }

  @Test
  void aLineOfMegabytesIsReadInTime() {
    assertThat(load("# " + "x".repeat(9_000_000) + "\n" + CANARY).accepted()).isTrue();
    assertThat(load("# " + "x".repeat(10_000_000)).problems().toString())
        .contains("too large (expected: at most 10000000 bytes)");
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
