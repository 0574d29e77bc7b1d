package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SharesTest {

  @Test
  void everyShareReceivesExactlyItsWeight() {
    Shares shares = new Shares(List.of(7, 0, 3));

    List<Integer> reached = LongStream.range(0, 10).mapToObj(shares::pick).toList();

    assertThat(Collections.frequency(reached, 0)).isEqualTo(7);
    assertThat(Collections.frequency(reached, 1)).isZero();
    assertThat(Collections.frequency(reached, 2)).isEqualTo(3);
  }

  @Test
  void aSingleShareReceivesEverythingWhateverItsWeight() {
    Shares shares = new Shares(List.of(0));

    assertThat(LongStream.range(0, 100).map(shares::pick)).containsOnly(0L);
  }

  @Test
  void drawsOfDifferentPurposesKnowNothingOfEachOther() {
    long both =
        LongStream.range(0, 100_000)
            .filter(seed -> Draw.hits(Draw.mix(seed, Draw.Purpose.DELAY, 3), 100_000))
            .filter(seed -> Draw.hits(Draw.mix(seed, Draw.Purpose.ABORT, 3), 100_000))
            .count();

    assertThat(both).isBetween(850L, 1150L); // a tenth of a tenth
  }
}
