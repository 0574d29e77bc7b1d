package dev.weft.control.stream;

import static dev.weft.control.stream.StreamFixture.config;
import static dev.weft.control.stream.StreamFixture.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.codec.ConfigCodec;
import dev.weft.config.model.MeshConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ChangeTest {

  @Test
  void piecesAreOneLineAndNoneIsLarge() {
    String[] rules =
        IntStream.range(0, 300)
            .mapToObj(i -> rule("r" + i, "\"\u00e4\u20ac " + "x".repeat(1000)))
            .toArray(String[]::new);
    MeshConfig config = config(rules);

    List<Buffer> pieces = pieces(change(config, List.of("VirtualService/prod/\"gone\"")));
    Buffer whole = Buffer.buffer();
    pieces.forEach(whole::appendBuffer);
    JsonObject line = new JsonObject(whole);

    assertThat(pieces).hasSizeGreaterThan(10);
    assertThat(pieces).allSatisfy(piece -> assertThat(piece.length()).isLessThan(40_000));
    assertThat(whole.toString().indexOf('\n')).isEqualTo(whole.toString().length() - 1);
    assertThat(line.getLong("version")).isEqualTo(7);
    assertThat(line.getJsonArray("remove"))
        .isEqualTo(new JsonArray().add("VirtualService/prod/\"gone\""));
    Map<String, String> read = new HashMap<>();
    line.getJsonObject("set").forEach(one -> read.put(one.getKey(), (String) one.getValue()));
    assertThat(ConfigCodec.read(read)).isEqualTo(config);
  }

  @Test
  void nothingIsALineToo() {
    assertThat(pieces(change(MeshConfig.EMPTY, List.of())))
        .extracting(Buffer::toString)
        .containsExactly("{\"version\":7,\"set\":{},\"remove\":[]}\n");
  }

  private static Change change(MeshConfig config, List<String> gone) {
    List<Part> set = ConfigCodec.resources(config).stream().map(Part::new).toList();
    return new Change(7, Map.of(), set, gone, true);
  }

  private static List<Buffer> pieces(Change change) {
    List<Buffer> all = new ArrayList<>();
    change.pieces().forEachRemaining(all::add);
    return all;
  }
}
