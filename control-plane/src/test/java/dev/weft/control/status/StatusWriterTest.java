package dev.weft.control.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.control.stream.GatewayTrouble;
import dev.weft.kubernetes.note.ConfigMapNotes.Done;
import dev.weft.kubernetes.note.Note;
import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.clock.Timers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class StatusWriterTest {

  private final List<Duration> waits = new ArrayList<>();
  private final Deque<Runnable> due = new ArrayDeque<>();
  private final List<String> written = new ArrayList<>();
  private final Deque<Future<Done>> answers = new ArrayDeque<>();
  private final Map<String, List<ConfigDocument>> maps = new TreeMap<>();
  private boolean leads = true;
  private long version;

  private final Timers timers =
      (delay, task) -> {
        waits.add(delay);
        due.add(task);
        return () -> due.remove(task);
      };
  private final StatusWriter writer =
      new StatusWriter(
          (note, known, now) -> write(note, known),
          timers,
          new SystemTicker(),
          () -> leads,
          () -> version);

  @Test
  void oneIsWrittenAtOnceAndTheOthersInTheirTime() {
    serves("a", "b");
    assertThat(written).hasSize(1);

    fire(2);

    assertThat(written).containsExactlyInAnyOrder("a: applied v1 known", "b: applied v1 known");
    assertThat(waits).containsExactly(Duration.ofMillis(500), Duration.ofMillis(500));
    assertThat(due).isEmpty();
  }

  @Test
  void ofSeveralOnlyTheNewestIsWritten() {
    serves("a");
    serves("a");
    serves("a");

    fire(2);

    assertThat(written).containsExactly("a: applied v1 known", "a: applied v3 new");
  }

  @Test
  void whatFailsIsTriedAgainEverLaterAndASuccessMakesItShort() {
    for (int i = 0; i < 8; i++) {
      answers.add(Future.failedFuture("no"));
    }
    serves("a");

    fire(8);

    assertThat(waits.stream().map(Duration::toSeconds))
        .containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 0L);
    assertThat(written).hasSize(9).containsOnly("a: applied v1 known");
  }

  @Test
  void whoDoesNotLeadWritesTheNewestOnceHeDoes() {
    leads = false;
    serves("a");
    serves("a");
    fire(3);
    assertThat(written).isEmpty();

    leads = true;
    fire(1);

    assertThat(written).containsExactly("a: applied v2 known");
  }

  @Test
  void whatDoesNotWorkIsWrittenWithoutTakingTheVersionBack() {
    serves("a");
    serves("a");
    writer.troubled(troubles(), false);

    fire(2);
    assertThat(written).containsExactly("a: applied v1 known", "a: applied v2 new");
    writer.troubled(Map.of(), true);

    fire(1);
    assertThat(written.get(2)).isEqualTo("a: applied v2 known");
  }

  @Test
  void aVersionThatCouldNotBeWrittenIsWrittenWithWhatCameAfterIt() {
    serves("a");
    fire(1);
    answers.add(Future.failedFuture("no"));
    serves("a");
    writer.troubled(troubles(), false);

    fire(1);

    assertThat(written)
        .containsExactly("a: applied v1 known", "a: applied v2 new", "a: applied v2 new");
  }

  private static Map<String, List<GatewayTrouble>> troubles() {
    return Map.of("configmap:prod/a", List.of(new GatewayTrouble("prod", "web", "is taken", 1, 1)));
  }

  private Future<Done> write(Note note, boolean known) {
    written.add(note.name() + ": " + note.status() + (known ? " known" : " new"));
    return answers.isEmpty() ? Future.succeededFuture(Done.WRITTEN) : answers.remove();
  }

  /** Each of them with another text than before, as a version of its own. */
  private void serves(String... names) {
    version++;
    for (String name : names) {
      String unit = "configmap:prod/" + name;
      maps.put(unit, List.of(new ConfigDocument(unit, unit + "#a", "text " + version)));
    }
    Map<String, Map<String, List<ConfigDocument>>> all = Map.of("maps", new TreeMap<>(maps));
    writer.read(new Reading(all, all, List.of()));
  }

  private void fire(int times) {
    for (int i = 0; i < times; i++) {
      due.remove().run();
    }
  }
}
