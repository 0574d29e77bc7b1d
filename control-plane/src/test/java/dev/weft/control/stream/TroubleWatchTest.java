package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TroubleWatchTest {

  private static final long SECOND = 1_000_000_000L;

  private final List<String> told = new ArrayList<>();
  private final TroubleWatch watch =
      new TroubleWatch((troubles, all) -> told.add(troubles + (all ? " all" : "")), 0);

  @Test
  void whatIsNewIsToldAtOnceAndWhatIsCountedOtherwiseOnceItLasts() {
    Map<String, List<GatewayTrouble>> one = of(trouble("is taken", 1, 2));
    Map<String, List<GatewayTrouble>> two = of(trouble("is taken", 2, 2));
    look(1, one);
    look(2, two);
    assertThat(told).containsExactly(one.toString());

    look(11, two);
    assertThat(told).hasSize(1);
    look(12, two);

    assertThat(told).containsExactly(one.toString(), two.toString());
  }

  @Test
  void whatIsAwayForAMomentIsNoNews() {
    Map<String, List<GatewayTrouble>> one = of(trouble("is taken", 1, 1));
    settle();
    look(20, one);
    look(21, Map.of());
    look(30, one);
    look(31, Map.of());
    look(40, Map.of());
    assertThat(told).containsExactly("{} all", one + " all");

    look(41, Map.of());

    assertThat(told).containsExactly("{} all", one + " all", "{} all");
  }

  @Test
  void thatNothingIsWrongIsSaidOnceGatewaysHadTimeToConnect() {
    look(14, Map.of());
    assertThat(told).isEmpty();

    look(15, Map.of());
    look(16, Map.of());

    assertThat(told).containsExactly("{} all");
  }

  @Test
  void whoSaysSomethingElseEachSecondIsToldSeldom() {
    settle();
    for (int second = 20; second < 40; second++) {
      look(second, of(trouble("is " + second, 1, 1)));
    }

    assertThat(told).hasSize(1 + 4);
  }

  private void settle() {
    look(15, Map.of());
  }

  private void look(long second, Map<String, List<GatewayTrouble>> troubles) {
    watch.look(troubles, second * SECOND);
  }

  private static Map<String, List<GatewayTrouble>> of(GatewayTrouble one) {
    return Map.of("configmap:edge/rules", List.of(one));
  }

  private static GatewayTrouble trouble(String words, int on, int of) {
    return new GatewayTrouble("edge", "web", words, on, of);
  }
}
