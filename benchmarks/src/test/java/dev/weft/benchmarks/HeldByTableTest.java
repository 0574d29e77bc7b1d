package dev.weft.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.snapshot.Snapshot;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import org.junit.jupiter.api.Test;

/** What a large table holds of the heap: its texts, what was read of them, and the snapshot. */
final class HeldByTableTest {

  private static final long MEBIBYTE = 1 << 20;

  @Test
  void tenThousandMixedRulesOfAThousandHostsHoldAtMostFortyMebibytes() {
    new CompileBenchmark().begin(); // whatever is loaded for the first table is not the second's
    long before = used();

    CompileBenchmark table = new CompileBenchmark();
    table.begin();
    Snapshot serving = table.compile();
    long held = used() - before;

    assertThat(serving.mesh().table().routes().size()).isEqualTo(11_000); // one for each service
    assertThat(held / MEBIBYTE).isBetween(1L, 40L);
  }

  private static long used() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
