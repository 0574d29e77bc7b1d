package dev.weft.routing.admin.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.tcp.Carried;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

final class PackedStepTest {

  @Property
  void whatWasPutIsRead(
      @ForAll @Size(20) List<@LongRange(min = 0) Long> counts,
      @ForAll @LongRange(min = 0) long failed,
      @ForAll @LongRange(min = 0) long refused,
      @ForAll @LongRange(min = 0) long opened,
      @ForAll @LongRange(min = 0) long sent) {
    long[] buckets = counts.stream().mapToLong(count -> count).toArray();
    PackedStep packed = new PackedStep();
    packed.put(7);
    Carried carried = new Carried(opened, opened / 2, sent, 3);
    packed.put(new Golden(failed, refused, Histogram.of(buckets, 12), carried));
    packed.put(new Golden(1, 0, Histogram.of(buckets, 12)));

    PackedStep read = new PackedStep(packed.packed());

    assertThat(read.number()).isEqualTo(7);
    Golden golden = read.golden();
    assertThat(golden.failed()).isEqualTo(failed);
    assertThat(golden.refused()).isEqualTo(refused);
    assertThat(golden.millis().counts()).isEqualTo(buckets);
    assertThat(golden.millis().sum()).isEqualTo(12);
    assertThat(golden.carried()).isEqualTo(carried);
    assertThat(read.golden().carried()).isEqualTo(Carried.NONE);
    assertThat(read.ended()).isTrue();
  }
}
