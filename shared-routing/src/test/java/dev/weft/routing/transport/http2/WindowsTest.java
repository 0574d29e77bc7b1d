package dev.weft.routing.transport.http2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WindowsTest {

  private static final long MIB = 1 << 20;

  @Test
  void aLargeProcessGivesEachOfManyConnectionsAllThatThereIs() {
    Windows windows = new Windows(16_384 * MIB);

    assertThat(IntStream.range(0, 60).map(i -> windows.take(2))).allMatch(size -> size == 16 * MIB);
    assertThat(IntStream.range(0, 60).map(i -> windows.take(8))).allMatch(size -> size == 16 * MIB);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void manyConnectionsOfASmallProcessShareAnEighthOfItsHeap(int among) {
    Windows windows = new Windows(64 * MIB);

    int[] given = IntStream.range(0, 200).map(i -> windows.take(among)).toArray();

    assertThat(given[0]).isEqualTo((int) (8 * MIB / among));
    assertThat(given).isSortedAccordingTo(Comparator.reverseOrder()).endsWith(65_535);
    assertThat(IntStream.of(given).sum()).isLessThan((int) (8 * MIB) + 200 * 65_535);
  }

  @Test
  void whatEndsIsGivenBack() {
    Windows windows = new Windows(64 * MIB);

    for (int i = 0; i < 100; i++) {
      int size = windows.take(2);
      assertThat(size).isEqualTo((int) (4 * MIB));
      windows.give(size);
    }
  }

  @Test
  void aHundredUnreadStreamsLeaveRoomInAConnection() {
    assertThat(100L * Windows.shared()).isLessThan(16L * Windows.stream());
  }
}
