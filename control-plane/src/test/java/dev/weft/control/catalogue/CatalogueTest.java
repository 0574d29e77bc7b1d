package dev.weft.control.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CatalogueTest {

  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";

  @Test
  void whereNothingOverridesWhatTheImporterIsToldAnyPortWillDo() {
    assertThat(Catalogue.port(Map.of())).isZero();
  }

  @Test
  void whereItIsSentToThisMachineThatPortIsOpened() {
    assertThat(Catalogue.port(Map.of(HOST, "127.0.0.1", PORT, "15011"))).isEqualTo(15011);
  }

  @ParameterizedTest
  @CsvSource({"10.96.0.1,443", "127.0.0.1,0", "127.0.0.1,x", "127.0.0.2,15011", "'',15011"})
  void whereItIsSentElsewhereItIsNotStarted(String host, String port) {
    assertThatThrownBy(() -> Catalogue.port(Map.of(HOST, host, PORT, port)))
        .hasMessage(
            "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are "
                + host
                + " and "
                + port
                + " (expected: 127.0.0.1 and a free port, with WEFT_KUBERNETES_HOST and"
                + " WEFT_KUBERNETES_PORT for the API server)");
    assertThatThrownBy(() -> Catalogue.port(Map.of(PORT, port))).hasMessageContaining("expected");
    assertThatThrownBy(() -> Catalogue.port(Map.of(HOST, "127.0.0.1")))
        .hasMessageContaining("expected");
  }
}
