package dev.weft.routing.resilience.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.HandTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import org.junit.jupiter.api.Test;

final class AsksUnderWayTest {

  private final HandTimers time = new HandTimers();
  private final AsksUnderWay asks = new AsksUnderWay(2, 1);

  @Test
  void eachLoopHasPlacesOfItsOwnAndThoseGivenBackAreTakenAgain() {
    Loop first = new Loop(0, time, time);
    Loop second = new Loop(1, time, time);

    assertThat(asks.began(first)).isTrue();
    assertThat(asks.began(first)).isFalse();
    assertThat(asks.began(second)).isTrue();
    asks.ended(first);

    assertThat(asks.began(first)).isTrue();
    assertThat(asks.began(first)).isFalse();
  }

  @Test
  void halfOfWhatMayBeUnderWayAtAllMayWaitWhereThatIsLess() {
    AsksUnderWay many = new AsksUnderWay(2, 10);
    AsksUnderWay fewer = many.within(8);
    Loop loop = new Loop(0, time, time);

    assertThat(fewer.most()).isEqualTo(2);
    assertThat(many.within(0).most()).isEqualTo(10);
    assertThat(many.within(1000).most()).isEqualTo(10);
    assertThat(many.within(1).most()).isEqualTo(1);
    assertThat(many.began(loop) && fewer.began(loop)).as("of the same places").isTrue();
    assertThat(fewer.began(loop)).isFalse();
    many.ended(loop);
    assertThat(fewer.began(loop)).isTrue();
  }

  @Test
  void halfOfWhatTheHeapHoldsMayWait() {
    assertThat(AsksUnderWay.ofHalf(1).most()).isEqualTo(HeapShare.requests(1) / 2);
    assertThat(AsksUnderWay.ofHalf(4).most()).isEqualTo(HeapShare.requests(4) / 2);
  }
}
