package dev.weft.routing.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What of many requests under way on one connection of HTTP/2 is repeated when it ends. */
final class LostConnectionIT extends TransportFixture {

  private static final UpstreamSettings HTTP2 = settings(HttpChoice.HTTP_2);

  private final List<HttpServerRequest> held = new ArrayList<>(); // on the loop

  private Endpoint holding() throws Exception {
    return endpoint(
        backend(
            request -> {
              if (request.path().equals("/answered")) {
                request.response().end();
              } else {
                context.runOnContext(now -> held.add(request));
              }
            }));
  }

  /** So many answers come; then so many requests are under way when the connection is closed. */
  private List<ProxyFailure> lost(int answers, int underWay) throws Exception {
    Endpoint endpoint = holding();
    for (int i = 0; i < answers; i++) {
      assertThat(await(exchanged(get("/answered"), HTTP2, endpoint)).status()).isEqualTo(200);
    }
    List<Future<Answer>> all = new ArrayList<>();
    for (int i = 0; i < underWay; i++) {
      all.add(exchanged(get("/" + i), HTTP2, endpoint));
    }
    until(() -> held.size() == underWay);
    context.runOnContext(now -> held.get(0).connection().close());
    List<ProxyFailure> failures = new ArrayList<>();
    for (Future<Answer> one : all) {
      failures.add(failure(one));
    }
    return failures;
  }

  @Test
  void asManyAreExcusedAsItBroughtAnswers() throws Exception {
    List<ProxyFailure> failures = lost(2, 5);

    assertThat(failures).extracting(ProxyFailure::reason).containsOnly(Cause.UPSTREAM_RESET);
    assertThat(excused(failures)).hasSize(2);
  }

  @Test
  void allAreExcusedWhereItBroughtMore() throws Exception {
    List<ProxyFailure> failures = lost(7, 5);

    assertThat(excused(failures)).hasSize(5);
  }

  @Test
  void noneIsExcusedOfOneThatNeverAnswered() throws Exception {
    List<ProxyFailure> failures = lost(0, 5);

    assertThat(failures).extracting(ProxyFailure::reason).containsOnly(Cause.UPSTREAM_RESET);
    assertThat(excused(failures)).isEmpty();
  }

  @Test
  void itsEndIsToldOnceWhoeverIsExcused() throws Exception {
    List<ProxyFailure> failures = lost(2, 5);

    assertThat(failures).filteredOn(ProxyFailure::toldBefore).hasSize(4);
    assertThat(failures.get(0).toldBefore()).isFalse();
  }

  @Test
  void ofAnswersThatAreCutLikewise() throws Exception {
    Endpoint endpoint =
        endpoint(
            backend(
                request -> {
                  request.response().setChunked(true).write("begun");
                  context.runOnContext(now -> held.add(request));
                }));
    List<Response> begun = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      begun.add(onLoop(() -> send(get("/"), HTTP2, endpoint)));
    }
    List<Future<Answer>> all = begun.stream().map(one -> begin(() -> read(one))).toList();

    context.runOnContext(now -> held.get(0).connection().close());
    List<ProxyFailure> failures = new ArrayList<>();
    for (Future<Answer> one : all) {
      failures.add(failure(one));
    }

    assertThat(failures).extracting(ProxyFailure::reason).containsOnly(Cause.UPSTREAM_TRUNCATED);
    assertThat(failures).filteredOn(ProxyFailure::toldBefore).hasSize(2);
  }

  @Test
  void aStreamThatIsResetIsItsOwnMatter() throws Exception {
    Endpoint endpoint = holding();
    List<Future<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(exchanged(get("/" + i), HTTP2, endpoint));
    }
    until(() -> held.size() == 3);
    context.runOnContext(now -> held.forEach(request -> request.response().reset(2)));

    for (Future<Answer> one : all) {
      assertThat(failure(one).toldBefore()).isFalse();
    }
  }

  private static Stream<ProxyFailure> excused(List<ProxyFailure> failures) {
    return failures.stream().filter(ProxyFailure::onKeptConnection);
  }
}
