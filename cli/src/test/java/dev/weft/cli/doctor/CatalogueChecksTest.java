package dev.weft.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class CatalogueChecksTest {

  private static final JsonObject TOLD =
      new JsonObject()
          .put(
              "services",
              new JsonArray()
                  .add(
                      new JsonObject(
                              "{\"namespace\":\"prod\",\"name\":\"a\",\"type\":\"ClusterIP\"}")
                          .put(
                              "ports",
                              new JsonArray(
                                  "[{\"name\":\"http\",\"port\":80,\"protocol\":\"TCP\"}]"))));

  @Test
  void aCatalogueThatIsRightIsOneLine() {
    assertThat(CatalogueChecks.of(TOLD, Map.of("prod/a", List.of("http:80/TCP"))))
        .containsExactly(Finding.ok("the catalogue has the 1 Services of the cluster"));
  }

  @Test
  void aPortOrAServiceThatDiffersIsNamed() {
    Map<String, List<String>> services = new TreeMap<>(Map.of("prod/a", List.of("http:81/TCP")));
    for (int i = 0; i < 6; i++) {
      services.put("prod/b" + i, List.of(":80/TCP"));
    }

    assertThat(CatalogueChecks.of(TOLD, services))
        .extracting(Finding::text)
        .containsExactly(
            "the catalogue and the cluster differ in prod/a, prod/b0, prod/b1, prod/b2, prod/b3"
                + " and 2 more");
    assertThat(CatalogueChecks.of(TOLD, Map.of()).get(0).text()).endsWith("differ in prod/a");
  }
}
