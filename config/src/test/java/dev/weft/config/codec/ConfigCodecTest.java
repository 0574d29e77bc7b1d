package dev.weft.config.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.MeshConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class ConfigCodecTest {

  @Test
  void whatIsReadEqualsWhatWasWritten() throws IOException {
    MeshConfig config = kitchenSink();

    MeshConfig read = ConfigCodec.read(ConfigCodec.write(config));

    assertThat(read).isEqualTo(config);
  }

  @Test
  void everyResourceHasAKeyOfKindNamespaceAndName() throws IOException {
    assertThat(ConfigCodec.write(kitchenSink()).keySet())
        .contains("VirtualService/default/everything", "Secret/default/cert");
  }

  @Test
  void aTextThatIsNoResourceIsRefusedByItsName() {
    assertThatThrownBy(() -> ConfigCodec.read(Map.of("VirtualService/a/b", "{")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("VirtualService/a/b cannot be read");
  }

  private static MeshConfig kitchenSink() throws IOException {
    try (InputStream in = ConfigCodecTest.class.getResourceAsStream("/kitchen-sink.yaml")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      LoadResult result =
          ConfigLoader.load(List.of(new ConfigDocument("test", "kitchen-sink.yaml", text)));
      assertThat(result.problems()).noneMatch(problem -> problem.error());
      return result.config();
    }
  }
}
