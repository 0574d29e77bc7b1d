package dev.weft.config.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ResourceFieldsTest {

  private static Map<String, ResourceFields> read(String text) {
    return ResourceFields.of(List.of(new ConfigDocument("u", "u/a.yaml", text)));
  }

  @Test
  void fieldsAreToldByTheirPathsWithoutWhatAServerAdds() {
    Map<String, ResourceFields> all =
        read(
            """
            kind: List
            items:
            - kind: Gateway
              metadata:
                name: edge
                resourceVersion: "7"
                labels: {app.kubernetes.io/name: edge}
              spec: {servers: [{port: {number: 80}, hosts: []}, {hosts: ["a", "b"]}], empty: {}}
              status: {seen: true}
            """);

    assertThat(all).containsOnlyKeys("Gateway default/edge");
    assertThat(all.get("Gateway default/edge").fields())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "kind", "Gateway",
                "metadata.name", "edge",
                "metadata.labels['app.kubernetes.io/name']", "edge",
                "spec.servers[0].port.number", "80",
                "spec.servers[0].hosts", "[]",
                "spec.servers[1].hosts[0]", "a",
                "spec.servers[1].hosts[1]", "b",
                "spec.empty", "{}"));
  }

  @Test
  void whatIsSecretIsComparedAndNeverTold() {
    String secret = "kind: Secret\nmetadata: {name: a}\nstringData: {tls.key: %s}\n";
    String settings = "kind: ProxySettings\nmetadata: {name: a}\nspec: {redis: {url: '%s'}}\n";

    List<ConfigChange> changes =
        ConfigChange.between(
            read(secret.formatted("one") + "---\n" + settings.formatted("redis://a:one@host:1")),
            read(secret.formatted("two") + "---\n" + settings.formatted("redis://a:two@host:1")));

    assertThat(changes)
        .extracting(ConfigChange::summary)
        .containsExactly(
            "ProxySettings default/a: spec.redis.url"
                + " redis://[hidden]@host:1 → redis://[hidden]@host:1",
            "Secret default/a: stringData['tls.key'] [hidden] → [hidden]");
  }

  @Test
  void aTextBoundToANamespaceIsOfThatOne() {
    Map<String, ResourceFields> all =
        ResourceFields.of(
            List.of(
                new ConfigDocument(
                    "u", "u", "kind: Gateway\nmetadata: {name: edge}\n", Optional.of("prod"))));

    assertThat(all).containsOnlyKeys("Gateway prod/edge");
  }

  @Test
  void whatCannotBeReadIsPassedOver() {
    assertThat(read("kind: [\n")).isEmpty();
    assertThat(read("- a\n- b\n")).isEmpty();
    assertThat(read("kind: Gateway\nmetadata: none\n")).isEmpty();
  }
}
