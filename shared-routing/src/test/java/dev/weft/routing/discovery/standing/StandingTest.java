package dev.weft.routing.discovery.standing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.routing.discovery.standing.Standing.About;
import dev.weft.routing.discovery.standing.Standing.Certified;
import dev.weft.routing.discovery.standing.Standing.Ports;
import dev.weft.routing.discovery.standing.Standing.Trouble;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StandingTest {

  private static final Trouble TAKEN = new Trouble("Gateway", "edge", "web", 443, "is taken");
  private static final Standing EDGE =
      new Standing(
          "gateway",
          new About("1.0.0", 15_004, Optional.of(new Certified(5, 86_405))),
          List.of(TAKEN),
          List.of(new Ports("edge", "web", List.of(80), List.of(443))));

  @Test
  void whatIsWrittenIsReadAlike() {
    assertThat(Standing.read(new JsonObject(EDGE.json().toBuffer()))).isEqualTo(EDGE);
    assertThat(Standing.read(new JsonObject().put("version", 1))).isEqualTo(Standing.NONE);
  }

  @Test
  void whatIsTooMuchIsLeftOut() {
    JsonObject one = EDGE.json();
    one.put("problems", repeated(one.getJsonArray("problems").getJsonObject(0), 5_000));
    one.put("gateways", repeated(one.getJsonArray("gateways").getJsonObject(0), 5_000));

    Standing read = Standing.read(one);

    assertThat(read.troubles()).hasSize(Standing.MOST_TROUBLES);
    assertThat(read.gateways()).hasSize(Standing.MOST_GATEWAYS);
  }

  @Test
  void theMostThatIsToldFitsTheBodyThatIsTaken() {
    String name = "n".repeat(300);
    Trouble trouble = new Trouble(name, name, name, 1, "\u65e5".repeat(400));
    Ports ports =
        new Ports(name, name, Collections.nCopies(99, 65_535), Collections.nCopies(99, 65_535));
    Standing most =
        new Standing(
            "gateway",
            new About(name, 65_535, Optional.of(new Certified(Long.MIN_VALUE, Long.MIN_VALUE))),
            Collections.nCopies(99, trouble),
            Collections.nCopies(99, ports));

    assertThat(most.json().toBuffer().length()).isLessThan(63_000);
  }

  @Test
  void aTroubleReadsAsASentence() {
    assertThat(TAKEN.toString()).isEqualTo("Gateway edge/web is taken");
    assertThat(new Trouble("Listener", "", "inbound", 0, "is\nclosed").toString())
        .isEqualTo("Listener inbound is closed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kind\":\"oracle\"}",
        "{\"kind\":7}",
        "{\"adminPort\":65536}",
        "{\"certificate\":[]}",
        "{\"certificate\":{\"notAfter\":\"never\"}}",
        "{\"problems\":{}}",
        "{\"problems\":[null]}",
        "{\"problems\":[{\"port\":65536}]}",
        "{\"problems\":[{\"port\":-1}]}",
        "{\"gateways\":[{\"listening\":{}}]}",
        "{\"gateways\":[{\"listening\":[\"80\"]}]}",
        "{\"gateways\":[{\"waiting\":[null]}]}",
      })
  void whatIsOfAnotherFormIsRefused(String text) {
    JsonObject told = new JsonObject(text);

    assertThatThrownBy(() -> Standing.read(told)).isInstanceOf(IllegalArgumentException.class);
  }

  private static JsonArray repeated(JsonObject one, int times) {
    return new JsonArray(Collections.nCopies(times, one));
  }
}
