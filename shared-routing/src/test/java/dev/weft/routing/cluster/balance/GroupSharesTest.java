package dev.weft.routing.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.weft.routing.cluster.balance.Localities.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GroupSharesTest {

  /** Envoy's own table: health of the first level, and what it and the second get. */
  @Test
  void aGroupPassesOnWhatItCannotTake() {
    double[][] table = {
      {100, 1, 0}, {72, 1, 0}, {71, 0.994, 0.006}, {50, 0.7, 0.3}, {25, 0.35, 0.65}, {0, 0, 1}
    };
    for (double[] row : table) {
      GroupShares shares = shares(new int[] {0, 0}, (int) row[0], 100);

      assertThat(shares.of(0)).as("%s %% well", row[0]).isCloseTo(row[1], offset(0.001));
      assertThat(shares.of(1)).as("%s %% well", row[0]).isCloseTo(row[2], offset(0.001));
    }
  }

  @Test
  void whatNobodyCanTakeIsDividedByWhatTheyCan() {
    GroupShares shares = shares(new int[] {0, 0}, 25, 25);

    assertThat(shares.of(0)).isCloseTo(0.5, offset(0.001));
  }

  @Test
  void whereNobodyIsWellTheNearestOrTheWrittenSharesCount() {
    assertThat(shares(new int[] {0, 0}, 0, 0).of(0)).isEqualTo(1);
    assertThat(shares(new int[] {80, 20}, 0, 0).of(0)).isCloseTo(0.8, offset(0.001));
  }

  @Test
  void sharesShrinkWithTheirHealth() {
    assertThat(shares(new int[] {80, 20}, 100, 100).of(0)).isCloseTo(0.8, offset(0.001));
    assertThat(shares(new int[] {80, 20}, 0, 100).of(1)).isEqualTo(1);
    assertThat(shares(new int[] {80, 20}, 25, 100).of(0))
        .as("80 x 0.35 beside 20")
        .isCloseTo(28.0 / 48, offset(0.001));
  }

  @Test
  void allPartsAreOneAndDrawsFollowThem() {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 50; i++) {
      int count = random.nextInt(1, 6);
      boolean inOrder = random.nextBoolean();
      int[] written = IntStream.range(0, count).map(g -> inOrder ? 0 : 10 + g).toArray();
      int[] well = IntStream.range(0, count).map(g -> random.nextInt(0, 101)).toArray();
      GroupShares shares = shares(written, well);

      double[] parts = IntStream.range(0, count).mapToDouble(shares::of).toArray();
      long[] counts = new long[count];
      for (int draw = 0; draw < 20_000; draw++) {
        counts[shares.pick(random.nextLong())]++;
      }

      assertThat(IntStream.range(0, count).mapToDouble(g -> parts[g]).sum())
          .isCloseTo(1, offset(1e-6));
      for (int g = 0; g < count; g++) {
        double sigma = Math.sqrt(20_000 * parts[g] * (1 - parts[g]));
        assertThat((double) counts[g]).isCloseTo(20_000 * parts[g], offset(5 * sigma + 1));
      }
    }
  }

  /** Groups of a hundred, so many of each well. */
  private static GroupShares shares(int[] written, int... well) {
    List<Group> groups = new ArrayList<>();
    for (int g = 0; g < written.length; g++) {
      int from = g * 100;
      groups.add(new Group(IntStream.range(from, from + 100).boxed().toList(), written[g]));
    }
    return new GroupShares(groups, index -> index % 100 < well[index / 100]);
  }
}
