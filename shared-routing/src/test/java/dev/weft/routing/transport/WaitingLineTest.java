package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.ConnectionLimits.Waits;
import io.vertx.core.Promise;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class WaitingLineTest {

  private static final ClusterName CLUSTER = ClusterName.outbound("one.test", 80, "");

  private final ConnectionLimits limits = new ConnectionLimits();
  private long now;
  private final WaitingLine line =
      new WaitingLine(
          limits,
          CLUSTER,
          new Ticker() {
            @Override
            public long nanos() {
              return now;
            }

            @Override
            public long epochMillis() {
              return 0;
            }
          });

  private Promise<Lease> waits() {
    Promise<Lease> promise = Promise.promise();
    assertThat(line.add(promise, OptionalInt.empty(), now, false)).isTrue();
    return promise;
  }

  @Test
  void howLongEachWaitedIsCountedHoweverItsWaitEnds() {
    waits();
    now += 5;
    Promise<Lease> gone = waits();
    Promise<Lease> failed = waits();
    now += 10;

    line.next();
    line.forget(gone);
    now += 100;
    line.fail(1, new IllegalStateException("no connection"));

    assertThat(failed.future().failed()).isTrue();
    assertThat(limits.waits(CLUSTER)).isEqualTo(new Waits(3, 15 + 10 + 110));
    assertThat(limits.waiting(CLUSTER)).isZero();
  }
}
