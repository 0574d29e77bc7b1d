package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import io.vertx.core.Future;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whether a connection is used again, by what is known of its server; time is turned by hand. */
final class KeptConnectionsIT extends TransportFixture {

  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  private final UpstreamSettings http1 = settings(HttpChoice.HTTP_1);
  private final AtomicInteger accepted = new AtomicInteger();
  private AtomicLong nanos;

  @Override
  Ticker ticker() {
    AtomicLong now = new AtomicLong();
    nanos = now;
    return new Ticker() {
      @Override
      public long nanos() {
        return now.get();
      }

      @Override
      public long epochMillis() {
        return 0;
      }
    };
  }

  @Test
  void oneOfWhichNothingIsKnownIsReplacedOnceItIsIdleForASecond() throws Exception {
    Endpoint endpoint = endpoint(keeping());
    await(exchanged(get("/"), http1, endpoint));

    passes(Duration.ofMillis(999));
    await(exchanged(get("/"), http1, endpoint));
    assertThat(accepted).hasValue(1);
    passes(Duration.ofSeconds(1));
    await(exchanged(get("/"), http1, endpoint));

    assertThat(accepted).hasValue(2);
  }

  @Test
  void unlessThereMayBeNoOther() throws Exception {
    Endpoint endpoint = endpoint(keeping());
    UpstreamSettings one = settings(HttpChoice.HTTP_1, pool(1, 0, 0, 0));
    await(exchanged(get("/"), one, endpoint));

    passes(Duration.ofSeconds(2));
    await(exchanged(get("/"), one, endpoint));

    assertThat(accepted).hasValue(1);
  }

  @Test
  void manyAtOnceAreServedOverNewOnesAllTheSame() throws Exception {
    Endpoint endpoint = endpoint(keeping());
    await(Future.all(several(20, endpoint)));
    int before = accepted.get();

    passes(Duration.ofSeconds(2));
    await(Future.all(several(20, endpoint)));

    assertThat(accepted.get()).isBetween(before + 1, before + 40);
  }

  @Test
  void whereAServerClosesAfterEachAnswerEachRequestGetsANewOne() throws Exception {
    Endpoint endpoint =
        endpoint(answering(socket -> socket.write(OK).onComplete(end -> socket.close())));
    await(exchanged(get("/"), http1, endpoint));
    until(() -> limits.open(CLUSTER) == 0); // its end was seen

    await(Future.all(several(20, endpoint)));

    assertThat(accepted).as("and no more").hasValue(21);
  }

  @Test
  void whatAPeakOpenedIsClosedOnceNoOtherNeedsItAndAFewStay() throws Exception {
    List<NetSocket> asked = new CopyOnWriteArrayList<>();
    Endpoint endpoint = endpoint(answering(asked::add));
    List<Future<Answer>> peak = several(30, endpoint);
    until(() -> asked.size() == 30);
    asked.subList(1, 30).forEach(socket -> socket.write(OK)); // the first takes longer
    until(() -> peak.stream().filter(Future::isComplete).count() == 29);

    passes(Duration.ofSeconds(14));
    looksAtAll();
    assertThat(limits.open(CLUSTER)).isEqualTo(30);
    passes(Duration.ofSeconds(2));
    until(() -> limits.open(CLUSTER) == 8);

    asked.get(0).write(OK);
    assertThat(await(Future.all(peak)).size()).isEqualTo(30);
  }

  /** One that may not be idle at all was closed: the pools were looked at. */
  private void looksAtAll() throws Exception {
    UpstreamSettings brief =
        settings(
            HttpChoice.HTTP_1, pool(Duration.ofSeconds(5), Duration.ofNanos(1), Duration.ZERO));
    AtomicBoolean closed = new AtomicBoolean();
    int port =
        answering(
            socket -> {
              socket.closeHandler(end -> closed.set(true));
              socket.write(OK);
            });
    await(exchanged(get("/"), brief, endpoint(port)));
    passes(Duration.ofNanos(2));
    until(closed::get);
  }

  private List<Future<Answer>> several(int count, Endpoint endpoint) {
    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(exchanged(get("/" + i), http1, endpoint));
    }
    return answers;
  }

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private int keeping() throws Exception {
    return answering(socket -> socket.write(OK));
  }

  private interface Answering {
    void to(NetSocket socket);
  }

  private int answering(Answering answer) throws Exception {
    return raw(
        socket -> {
          accepted.incrementAndGet();
          socket.handler(request -> answer.to(socket));
        });
  }
}
