package dev.weft.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.stream.GatewayReport.Said;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PeerReportsTest {

  private static final long SECOND = 1_000_000_000L;
  private static final GatewayReport NOTHING = new GatewayReport(Map.of(), List.of());
  private static final GatewayReport ONE =
      new GatewayReport(Map.of("edge/web", 1), List.of(new Said("edge/web", "is taken", 1)));

  private final Map<String, String> lease = new TreeMap<>();
  private final List<Map<String, Optional<String>>> asked = new ArrayList<>();
  private final PeerReports first = new PeerReports("first", this::exchanged);
  private final PeerReports second = new PeerReports("second", this::exchanged);
  private boolean away;

  @Test
  void eachHearsOfTheOthersGateways() {
    first.with(ONE, 0);
    assertThat(second.with(NOTHING, SECOND)).containsExactly(NOTHING, ONE);
    assertThat(first.with(ONE, 5 * SECOND)).containsExactly(ONE);
  }

  @Test
  void whoIsGoneIsNotCountedAndThenForgotten() {
    first.with(ONE, 0);
    for (int second = 0; second < 30; second++) {
      assertThat(this.second.with(NOTHING, second * SECOND)).hasSize(2);
    }

    assertThat(second.with(NOTHING, 30 * SECOND)).containsExactly(NOTHING);
    assertThat(lease).containsKey("first");
    second.with(NOTHING, 90 * SECOND);

    assertThat(lease).isEmpty();
  }

  @Test
  void whoHasNoGatewaysOnlyListens() {
    first.with(NOTHING, 0);
    first.with(ONE, 5 * SECOND);
    first.with(ONE, 9 * SECOND);
    first.with(NOTHING, 10 * SECOND);
    first.with(NOTHING, 15 * SECOND);

    assertThat(asked)
        .containsExactly(
            Map.of(),
            Map.of("first", Optional.of(ONE.json().put("beat", 1).encode())),
            Map.of("first", Optional.empty()),
            Map.of());
  }

  @Test
  void whileNobodyCanBeAskedWhatWasHeardCountsForAWhile() {
    first.with(ONE, 0);
    second.with(NOTHING, 0);
    away = true;

    assertThat(second.with(NOTHING, 29 * SECOND)).containsExactly(NOTHING, ONE);
    assertThat(second.with(NOTHING, 35 * SECOND)).containsExactly(NOTHING);
  }

  @Test
  void whatCannotBeReadSaysNothing() {
    lease.put("third", "<html>");
    lease.put("fourth", "{\"having\":{\"edge/web\":1},\"said\":[7]}");

    assertThat(first.with(ONE, 0)).containsExactly(ONE, NOTHING, NOTHING);
  }

  private Future<Map<String, String>> exchanged(Map<String, Optional<String>> changes) {
    if (away) {
      return Future.failedFuture("it does not answer");
    }
    asked.add(changes);
    changes.forEach(
        (who, words) ->
            words.ifPresentOrElse(told -> lease.put(who, told), () -> lease.remove(who)));
    return Future.succeededFuture(Map.copyOf(lease));
  }
}
