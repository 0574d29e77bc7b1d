package dev.weft.control.issue;

import static dev.weft.control.issue.IssuingServer.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weft.control.ca.JoinTokens;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.ControlPlaneIdentity.Turns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A workload renews what it joined with, over the real wire. */
@Timeout(60)
final class RenewingIT extends JoiningFixture {

  // dated back by five minutes, so it is past its half life when it is issued: renewed at once
  private static final Duration SHORT = Duration.ofMinutes(2);
  private static final Duration DAY = Duration.ofHours(24);

  @Test
  void aCertificateRenewsItselfWithTheOneBeforeIt() throws Exception {
    server.open(SHORT);
    done(joining(server.token()).start());

    WorkloadIdentity first = next();
    WorkloadIdentity second = next();

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.key()).isNotEqualTo(first.key());
    assertThat(second.leaf().getSerialNumber()).isNotEqualTo(first.leaf().getSerialNumber());
  }

  @Test
  void itIsRenewedAtHalfOfItsLifeAndNotBefore() throws Exception {
    ticker.stop(); // waits are counted from when a certificate arrives
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    Timers turned = waiting(waits, due);
    done(joining(server.token(), new Turns(ticker, turned, middle -> middle / 2)).start());
    WorkloadIdentity first = next();

    Duration wait = waits.poll(20, SECONDS);
    ticker.turn(wait);
    due.poll(20, SECONDS).run();
    WorkloadIdentity second = next();

    Duration life = DAY.plusMinutes(5); // dated back
    assertThat(wait).isCloseTo(life.dividedBy(2).minusMinutes(5), Duration.ofSeconds(2));
    assertThat(second.notAfter()).isAfter(first.notAfter().plus(Duration.ofHours(11)));
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void manyWorkloadsDoNotRenewAtOnce() throws Exception {
    ticker.stop(); // waits are counted from when a certificate arrives
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    Timers turned = waiting(waits, new LinkedBlockingQueue<>());

    done(joining(server.token(), new Turns(ticker, turned, least -> 0)).start());
    Files.delete(folder.resolve("state").resolve("identity.pem"));
    done(joining(server.token(), new Turns(ticker, turned, most -> most - 1)).start());

    Duration half = DAY.plusMinutes(5).dividedBy(2);
    Duration earliest = waits.poll(20, SECONDS);
    Duration latest = waits.poll(20, SECONDS);
    assertThat(latest.minus(earliest)).isCloseTo(half.dividedBy(50), Duration.ofSeconds(2));
  }

  @Test
  void aRenewalThatFailsIsTriedAgainEverLaterWithJitter() throws Exception {
    server.open(DAY);
    BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
    BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
    done(joining(server.token(), new Turns(ticker, waiting(waits, due), most -> most - 1)).start());
    waits.poll(20, SECONDS);
    server.lose(9);

    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      due.poll(20, SECONDS).run();
      pauses.add(waits.poll(20, SECONDS).toMillis());
    }

    assertThat(pauses).containsExactly(1200L, 2400L, 4800L, 9600L, 19200L, 38400L, 72000L, 72000L);
  }

  @Test
  void aCertificateThatHasEndedIsReplacedByANewToken() throws Exception {
    server.open(SHORT);
    String another = server.token();
    // on the thread that publishes, before the renewal is planned
    store.onChange(
        first -> {
          if (published.size() == 1) {
            replaceToken(another);
            ticker.turn(Duration.ofHours(1));
          }
        });

    WorkloadIdentity first = done(joining(server.token()).start());
    next();
    WorkloadIdentity second = next();

    assertThat(second.notAfter()).isAfter(first.notAfter().plus(Duration.ofMinutes(30)));
    assertThatThrownBy(
            () -> server.tokens().redeem(another, SigningRequest.create().keys().getPublic()))
        .isInstanceOf(JoinTokens.Refused.class);
  }

  private void replaceToken(String token) {
    try {
      Files.writeString(folder.resolve("token"), token);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Timers waiting(BlockingQueue<Duration> waits, BlockingQueue<Runnable> due) {
    return (delay, task) -> {
      due.add(task);
      waits.add(delay);
      return () -> due.remove(task);
    };
  }

  private WorkloadIdentity next() throws InterruptedException {
    WorkloadIdentity one = published.poll(20, SECONDS);
    assertThat(one).isNotNull();
    return one;
  }
}
