package dev.weft.control.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChoiceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | | false",
        "{} | true | true",
        "{} | false | false",
        "{labels: {weft.dev/inject: enabled}} | false | true",
        "{labels: {weft.dev/inject: disabled}} | true | false",
        "{labels: {sidecar.istio.io/inject: 'true'}} | | true",
        "{labels: {sidecar.istio.io/inject: 'false'}} | true | false",
        "{annotations: {sidecar.istio.io/inject: 'false'}} | true | false",
        "{labels: {weft.dev/inject: enabled, sidecar.istio.io/inject: 'false'}} | | true",
        "{labels: {weft.dev/inject: maybe}} | true | true",
      })
  void thePodsWordCountsBeforeItsNamespaces(String metadata, Boolean namespace, boolean wanted) {
    assertThat(
            Choice.wanted(PodFixture.pod("metadata: " + metadata), Optional.ofNullable(namespace)))
        .isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({
    "weft.dev/inject, enabled, true",
    "weft.dev/inject, disabled, false",
    "istio-injection, enabled, true",
    "istio-injection, disabled, false",
    "istio-injection, other,",
  })
  void aNamespaceSaysItByLabel(String label, String value, Boolean said) {
    assertThat(Choice.ofNamespace(Map.of(label, value))).isEqualTo(Optional.ofNullable(said));
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void aPodOfTheHostsNetworkHasNone(boolean hostNetwork, boolean wanted) {
    assertThat(
            Choice.wanted(
                PodFixture.pod(
                    "{metadata: {labels: {weft.dev/inject: enabled}}, spec: {hostNetwork: "
                        + hostNetwork
                        + "}}"),
                Optional.of(true)))
        .isEqualTo(wanted);
  }
}
