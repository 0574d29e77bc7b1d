package dev.weft.routing.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.ClusterName;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ConnectionLimitsTest {

  private static final ClusterName ONE = ClusterName.outbound("one.test", 80, "");
  private static final ClusterName OTHER = ClusterName.outbound("other.test", 80, "");

  private final ConnectionLimits limits = new ConnectionLimits();

  @Test
  void atItsLimitAClusterOpensNoMoreUnlessALoopHasNone() {
    assertThat(limits.opens(ONE, OptionalInt.of(1), false)).isTrue();
    assertThat(limits.opens(ONE, OptionalInt.of(1), false)).isFalse();
    assertThat(limits.opens(ONE, OptionalInt.of(1), true)).isTrue();
    assertThat(limits.opens(OTHER, OptionalInt.of(1), false)).isTrue();
    assertThat(limits.open(ONE)).isEqualTo(2);

    limits.closed(ONE);
    limits.closed(ONE);

    assertThat(limits.opens(ONE, OptionalInt.of(1), false)).isTrue();
  }

  @Test
  void asManyWaitAsMayAndWhoIsRefusedIsNotCounted() {
    assertThat(limits.waits(ONE, 2)).isTrue();
    assertThat(limits.waits(ONE, 2)).isTrue();
    assertThat(limits.waits(ONE, 2)).isFalse();
    assertThat(limits.waits(OTHER, 2)).isTrue();
    assertThat(limits.waiting(ONE)).isEqualTo(2);

    limits.waited(ONE, 7);

    assertThat(limits.waits(ONE, 2)).isTrue();
    limits.waited(ONE, 5);
    assertThat(limits.waits(ONE)).isEqualTo(new ConnectionLimits.Waits(2, 12));
    assertThat(limits.waits(OTHER))
        .as("it waits still")
        .isEqualTo(new ConnectionLimits.Waits(0, 0));
  }
}
