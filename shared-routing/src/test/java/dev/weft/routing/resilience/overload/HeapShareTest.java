package dev.weft.routing.resilience.overload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HeapShareTest {

  private static final long MIB = 1 << 20;

  @Test
  void eachProfileHoldsWhatItsHeapHolds() {
    assertThat(HeapShare.requests(64 * MIB, 1)).isEqualTo(921);
    assertThat(HeapShare.requests(256 * MIB, 1)).isEqualTo(4608);
  }

  @Test
  void loopsShareIt() {
    assertThat(HeapShare.requests(256 * MIB, 4)).isEqualTo(1152);
  }

  @Test
  void theSmallestAndTheLargestHeapHaveANumberToo() {
    assertThat(HeapShare.requests(8 * MIB, 2)).isEqualTo(64);
    assertThat(HeapShare.requests(Long.MAX_VALUE, 1)).isEqualTo(Integer.MAX_VALUE);
  }
}
