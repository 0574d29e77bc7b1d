package dev.weft.control.validate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.Trial;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class EditReviewTest {

  private static final String GOOD = rule("search", 95);
  private static final String BROKEN = rule("search", -5);

  @Test
  void aBrokenConfigMapIsRefusedInTheWordsOfCheck() {
    Verdict verdict = reviewed(create(map("prod", "a.yaml", BROKEN)));

    assertThat(verdict.refusal())
        .contains(
            "1 error:\n"
                + "configmap:prod/routes#a.yaml:9:15: spec.http[0].route[0].weight: error: weight"
                + " -5 (expected: 0 to 1000000)\n  hint: 0 sends nothing there [WF104]");
  }

  @Test
  void aGoodOnePassesWithItsWarningsOnOneLineEach() {
    Verdict verdict = reviewed(create(map("prod", "a.yaml", GOOD)));

    assertThat(verdict.refusal()).isEmpty();
    assertThat(verdict.warnings())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("configmap:prod/routes#a.yaml:8:27: ")
                    .contains("warning: ", "; hint: ")
                    .endsWith("[WF120]")
                    .doesNotContain("\n"));
  }

  @Test
  void aConfigMapDefinesItsOwnNamespaceAndWeftsAnyButNoSecret() {
    String foreign = GOOD.replace("name: search", "name: search, namespace: other");

    assertThat(reviewed(create(map("prod", "a.yaml", foreign))).refusal().orElse(""))
        .contains("a resource of namespace 'other' (expected: prod)");
    assertThat(reviewed(create(map("weft-system", "a.yaml", foreign))).refusal()).isEmpty();
    String secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\n";
    assertThat(reviewed(create(map("prod", "a.yaml", secret))).refusal().orElse(""))
        .contains("a Secret in a ConfigMap");
  }

  @Test
  void whatWasBrokenBeforeMayBeAnnotatedAndTakenOutOfUse() {
    JsonObject broken = map("prod", "a.yaml", BROKEN);
    JsonObject noted = broken.copy();
    noted.getJsonObject("metadata").put("annotations", new JsonObject().put("a", "b"));
    JsonObject unlabelled = broken.copy();
    unlabelled.getJsonObject("metadata").remove("labels");

    assertThat(reviewed(update(broken, noted))).isEqualTo(Verdict.FINE);
    assertThat(reviewed(update(broken, unlabelled))).isEqualTo(Verdict.FINE);
    assertThat(reviewed(update(unlabelled, broken)).refusal()).isPresent();
    assertThat(reviewed(update(broken, map("prod", "b.yaml", BROKEN))).refusal()).isPresent();
    assertThat(reviewed(request("DELETE", broken, new JsonObject()))).isEqualTo(Verdict.FINE);
  }

  @Test
  void anEditIsTriedAmongAllThatThereIs() {
    Trial trial = trial(Map.of("configmap:prod/other", GOOD));

    assertThat(reviewed(trial, create(map("prod", "a.yaml", GOOD))).refusal().orElse(""))
        .contains("VirtualService prod/search a second time (first at configmap:prod/other#x:2:1)");
    JsonObject itself = create(map("prod", "a.yaml", rule("other", 95)));
    assertThat(reviewed(trial, itself).refusal()).isEmpty();
  }

  @Test
  void theUnitItselfIsReplacedAndWhatIsWrongElsewhereIsNotItsFault() {
    Trial trial =
        trial(Map.of("configmap:prod/routes", GOOD, "configmap:prod/wrong", rule("wrong", -5)));

    assertThat(reviewed(trial, create(map("prod", "a.yaml", GOOD))).refusal()).isEmpty();
  }

  @Test
  void bytesAreSaidNotToBeRead() {
    JsonObject map = map("prod", "a.yaml", "");
    map.put("binaryData", new JsonObject().put("b", "AA=="));

    assertThat(reviewed(create(map)).warnings())
        .containsExactly(
            "configmap:prod/routes: binaryData is not read (b); write it as UTF-8 text under data");
  }

  @Test
  void aResourceOfIstiosIsToldByItsFieldsSinceItHasNoLines() {
    JsonObject resource =
        new JsonObject(
            """
            {"apiVersion":"networking.istio.io/v1","kind":"VirtualService",
             "metadata":{"name":"search","uid":"u","managedFields":[{}]},"status":{"x":1},
             "spec":{"hosts":["search"],"http":[{"route":[{"destination":{"host":"search"},
             "weight":-5}]}]}}""");
    JsonObject request =
        request("CREATE", new JsonObject(), resource)
            .put("resource", resource("networking.istio.io", "virtualservices"));

    assertThat(reviewed(request).refusal())
        .contains(
            "1 error:\nVirtualService prod/search: spec.http[0].route[0].weight: error: weight -5"
                + " (expected: 0 to 1000000)\n  hint: 0 sends nothing there [WF104]");
    assertThat(reviewed(request.copy().put("oldObject", resource))).isEqualTo(Verdict.FINE);
  }

  @Test
  void whatIsToldHasABound() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      many.append(rule("r" + i, i % 2 == 0 ? -5 : 95));
    }

    Verdict verdict = reviewed(create(map("prod", "a.yaml", many.toString())));

    assertThat(verdict.refusal().orElse("")).startsWith("250 errors:\n").endsWith("\nand 230 more");
    assertThat(verdict.warnings()).hasSizeLessThan(25);
    assertThat(verdict.warnings().get(verdict.warnings().size() - 1))
        .endsWith(" more warnings (./weft check tells them)");
    assertThat(String.join("", verdict.warnings()).length()).isLessThan(4000);
  }

  private static Verdict reviewed(JsonObject request) {
    return reviewed(Trial.NONE, request);
  }

  private static Verdict reviewed(Trial trial, JsonObject request) {
    return new EditReview(() -> trial, Optional.of("weft-system")).review(request);
  }

  private static Trial trial(Map<String, String> texts) {
    ConfigUnits units = new ConfigUnits(List.of("maps"));
    Map<String, List<ConfigDocument>> all = new TreeMap<>();
    texts.forEach(
        (unit, text) ->
            all.put(
                unit, List.of(new ConfigDocument(unit, unit + "#x", text, Optional.of("prod")))));
    units.change("maps", all);
    return units.trial();
  }

  private static JsonObject create(JsonObject object) {
    return request("CREATE", new JsonObject(), object);
  }

  private static JsonObject update(JsonObject before, JsonObject after) {
    return request("UPDATE", before, after);
  }

  private static JsonObject request(String operation, JsonObject before, JsonObject after) {
    JsonObject request =
        new JsonObject()
            .put("operation", operation)
            .put("resource", resource("", "configmaps"))
            .put("name", after.getJsonObject("metadata", new JsonObject()).getString("name", ""))
            .put(
                "namespace",
                after.getJsonObject("metadata", new JsonObject()).getString("namespace", "prod"));
    request.put("object", after.isEmpty() ? null : after);
    return request.put("oldObject", before.isEmpty() ? null : before);
  }

  private static JsonObject resource(String group, String resource) {
    return new JsonObject().put("group", group).put("version", "v1").put("resource", resource);
  }

  private static JsonObject map(String namespace, String key, String text) {
    JsonObject metadata =
        new JsonObject()
            .put("namespace", namespace)
            .put("name", "routes")
            .put("labels", new JsonObject().put("weft.dev/config", "true"));
    return new JsonObject().put("metadata", metadata).put("data", new JsonObject().put(key, text));
  }

  private static String rule(String name, int weight) {
    return """
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: %s}
        spec:
          hosts: [%s.test]
          http:
          - route: [{destination: {host: nobody},
              weight: %d}]
        """
        .formatted(name, name, weight);
  }
}
