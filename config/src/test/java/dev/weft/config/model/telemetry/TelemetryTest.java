package dev.weft.config.model.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which Telemetry holds for a workload, and what of it. */
final class TelemetryTest {

  private static String telemetry(String name, String namespace, String spec) {
    return """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: %s, namespace: %s}
        spec: {%s}
        """
        .formatted(name, namespace, spec);
  }

  private static MeshConfig config(String... texts) {
    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", String.join("---\n", texts))));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }

  private static final MeshConfig ALL =
      config(
          telemetry(
              "mesh",
              "istio-system",
              "tracing: [{providers: [{name: otel}], randomSamplingPercentage: 5,"
                  + " customTags: {a: {literal: {value: mesh}}}}]"),
          telemetry("near", "prod", "tracing: [{randomSamplingPercentage: 20}]"),
          telemetry(
              "own",
              "prod",
              "selector: {matchLabels: {app: shop}},"
                  + " tracing: [{disableSpanReporting: true, customTags: {b: {header: {name: X}}}}]"),
          telemetry("younger", "prod", "tracing: [{randomSamplingPercentage: 99}]"),
          telemetry("no-traces", "prod", "metrics: [{}]"));

  private static Tracing tracing(MeshConfig config, String namespace, String app) {
    return Telemetry.tracing(config.telemetries(), namespace, Map.of("app", app)).orElseThrow();
  }

  @Test
  void whatTheNearestDoesNotSayTheWiderOnesSay() {
    Tracing shop = tracing(ALL, "prod", "shop");

    assertThat(shop.provider()).contains("otel");
    assertThat(shop.percent()).contains(20.0);
    assertThat(shop.silent()).contains(true);
    assertThat(shop.tags()).extracting(CustomTag::name).containsExactly("b");
    assertThat(shop.tags()).extracting(CustomTag::key).as("in lower case").containsExactly("x");
  }

  @Test
  void othersOfItsNamespaceAndOfTheMeshHaveTheirOwn() {
    assertThat(tracing(ALL, "prod", "cart").percent()).contains(20.0);
    assertThat(tracing(ALL, "prod", "cart").silent()).isEmpty();
    assertThat(tracing(ALL, "test", "shop").percent()).contains(5.0);
    assertThat(tracing(ALL, "test", "shop").tags()).extracting(CustomTag::key).contains("mesh");
  }

  @Test
  void oneThatIsAttachedIsAsNearAsOneThatSelects() {
    MeshConfig config =
        config(
            telemetry("near", "prod", "tracing: [{randomSamplingPercentage: 20}]"),
            telemetry(
                "attached",
                "prod",
                "targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: edge}],"
                    + " tracing: [{randomSamplingPercentage: 7}]"),
            telemetry(
                "own",
                "prod",
                "selector: {matchLabels: {app: shop}}, tracing: [{randomSamplingPercentage: 9}]"));
    List<Telemetry> elsewhere =
        config.telemetries().stream().filter(one -> one.targets().isEmpty()).toList();

    assertThat(tracing(config, "prod", "other").percent()).contains(7.0);
    assertThat(tracing(config, "prod", "shop").percent()).as("the oldest").contains(7.0);
    assertThat(Telemetry.tracing(elsewhere, "prod", Map.of()).orElseThrow().percent())
        .contains(20.0);
    assertThat(ConfigCodec.read(ConfigCodec.write(config)).telemetries())
        .isEqualTo(config.telemetries());
  }

  @Test
  void whereNoneSpeaksOfTracesNothingHolds() {
    MeshConfig other = config(telemetry("near", "prod", "metrics: [{}]"));

    assertThat(Telemetry.tracing(other.telemetries(), "prod", Map.of()))
        .isEqualTo(Optional.empty());
  }

  @Test
  void aProxyGetsItFromItsControlPlaneAsItWasWritten() {
    MeshConfig read = ConfigCodec.read(ConfigCodec.write(ALL));

    assertThat(read.telemetries()).isEqualTo(ALL.telemetries());
  }

  private static final String REMOVED =
      "metrics: [{overrides: [{match: {metric: REQUEST_COUNT}, disabled: %s, tagOverrides:"
          + " {%s: {operation: REMOVE}, kind: {value: \"'%s'\"}}}]}]";

  private static MetricSettings metrics(MeshConfig config, String namespace, String app) {
    return Telemetry.metrics(config.telemetries(), namespace, Map.of("app", app));
  }

  @Test
  void overridesOfMetricsAreAppliedFromTheMeshToTheWorkload() {
    MeshConfig config =
        config(
            telemetry("mesh", "istio-system", REMOVED.formatted("true", "source_app", "mesh")),
            telemetry("near", "prod", REMOVED.formatted("false", "source_version", "near")),
            telemetry(
                "own",
                "prod",
                "selector: {matchLabels: {app: shop}}, metrics: [{overrides: [{match: {mode: SERVER},"
                    + " tagOverrides: {kind: {operation: REMOVE}, source_app: {value: request.host}}}]}]"));

    MetricSettings shop = metrics(config, "prod", "shop");
    MetricSettings other = metrics(config, "prod", "other");
    MetricSettings elsewhere = metrics(config, "dev", "shop");

    assertThat(elsewhere.client().keySet()).containsExactly(Metric.REQUEST_COUNT);
    assertThat(elsewhere.client().get(Metric.REQUEST_COUNT).disabled()).isTrue();
    assertThat(other.client().get(Metric.REQUEST_COUNT))
        .isEqualTo(
            new MetricSettings.Told(
                false,
                Map.of(
                    "source_app",
                    Optional.empty(),
                    "source_version",
                    Optional.empty(),
                    "kind",
                    Optional.of("'near'"))));
    assertThat(shop.client()).isEqualTo(other.client());
    assertThat(shop.server().get(Metric.REQUEST_COUNT).tags())
        .isEqualTo(
            Map.of(
                "source_app",
                Optional.of("request.host"),
                "source_version",
                Optional.empty(),
                "kind",
                Optional.empty()));
    assertThat(shop.server().keySet()).containsExactlyInAnyOrder(Metric.values());
  }

  @Test
  void metricsComeThroughTheStreamAsTheyAre() {
    MeshConfig config =
        config(telemetry("mesh", "istio-system", REMOVED.formatted("true", "source_app", "a")));

    MeshConfig streamed = ConfigCodec.read(ConfigCodec.write(config));

    assertThat(streamed.telemetries()).isEqualTo(config.telemetries());
  }

  @Test
  void providersThatAreNotScrapedSayNothingOfWhatIs() {
    MeshConfig config =
        config(
            telemetry(
                "mesh",
                "istio-system",
                "metrics: [{providers: [{name: stackdriver}], overrides: [{disabled: true}]}]"));

    assertThat(metrics(config, "prod", "shop")).isEqualTo(MetricSettings.STANDARD);
  }
}
