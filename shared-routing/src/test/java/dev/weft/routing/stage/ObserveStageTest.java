package dev.weft.routing.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.telemetry.ExchangeObserver.Ending;
import dev.weft.routing.telemetry.ExchangeObserver.Messages;
import dev.weft.routing.telemetry.HandTicker;
import dev.weft.routing.telemetry.Samples;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ObserveStageTest {

  private final List<Ending> endings = new ArrayList<>();
  private final ObserveStage stage = new ObserveStage((exchange, ending) -> endings.add(ending));

  @Test
  void anAnswerIsToldWithItsBytesOnceItWasRead() {
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked -> Future.succeededFuture(new LocalResponse(404, Buffer.buffer("four"))))
            .result();
    assertThat(endings).isEmpty();

    response.body().handler(part -> {}).resume();

    assertThat(endings)
        .containsExactly(new Ending(404, Optional.empty(), OptionalInt.empty(), 0, 4));
  }

  @Test
  void anAnswerOfTheProxyItselfTellsItsReason() {
    Optional<ProxyFailure> reason =
        Optional.of(new ProxyFailure(Cause.FAULT_INJECTED, "the rule says so"));
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked ->
                    Future.succeededFuture(new LocalResponse(418, Buffer.buffer("four"), reason)))
            .result();

    response.body().handler(part -> {}).resume();

    assertThat(endings).containsExactly(new Ending(418, reason, OptionalInt.empty(), 0, 4));
  }

  @Test
  void aRefusalIsToldWithItsStatus() {
    ProxyFailure failure = new ProxyFailure(Cause.OVERFLOW, "full");

    Future<Response> answer =
        stage.apply(exchange("text/plain"), asked -> Future.failedFuture(failure));

    assertThat(answer.cause()).isSameAs(failure);
    assertThat(endings)
        .containsExactly(new Ending(503, Optional.of(failure), OptionalInt.empty(), 0, 0));
  }

  @Test
  void aRefusedCallOfGrpcIsToldAsItsCallerHearsIt() {
    ProxyFailure failure = new ProxyFailure(Cause.OVERFLOW, "full");

    stage.apply(exchange("application/grpc"), asked -> Future.failedFuture(failure));

    assertThat(endings)
        .containsExactly(new Ending(200, Optional.of(failure), OptionalInt.of(14), 0, 0));
  }

  @Test
  void ofACallThatNobodyHearsNoStatusOfGrpcIsTold() {
    ProxyFailure failure = new ProxyFailure(Cause.CLIENT_GONE, "left");

    stage.apply(exchange("application/grpc"), asked -> Future.failedFuture(failure));

    assertThat(endings)
        .containsExactly(new Ending(499, Optional.of(failure), OptionalInt.empty(), 0, 0));
  }

  @Test
  void aDeadlineThatIsOverAfterMessagesIsToldToo() {
    ShownAnswer answer = new ShownAnswer(200, "application/grpc");
    stage.apply(
        grpc("application/grpc", Buffer.buffer(new byte[5])),
        asked -> Future.succeededFuture(answer));

    answer.end.fail(new ProxyFailure(Cause.CALLER_DEADLINE, "late"));

    assertThat(endings).extracting(Ending::status).containsExactly(200);
    assertThat(endings).extracting(Ending::grpcStatus).containsExactly(OptionalInt.of(4));
  }

  @Test
  void aBugIsToldAsSuch() {
    Future<Response> answer =
        stage.apply(
            exchange("text/plain"), asked -> Future.failedFuture(new IllegalStateException("x")));

    assertThat(answer.cause()).isInstanceOf(IllegalStateException.class);
    assertThat(endings).extracting(Ending::status).containsExactly(500);
    assertThat(endings)
        .extracting(ending -> ending.failure().orElseThrow().reason())
        .containsExactly(Cause.INTERNAL);
  }

  @Test
  void aCutAnswerKeepsItsStatusAndTellsTheCause() {
    Response response =
        stage
            .apply(
                exchange("text/plain"),
                asked -> Future.succeededFuture(new LocalResponse(200, Buffer.buffer("four"))))
            .result();

    response.cancel();

    assertThat(endings)
        .singleElement()
        .satisfies(
            ending -> {
              assertThat(ending.status()).isEqualTo(200);
              assertThat(ending.failure().map(ProxyFailure::reason)).contains(Cause.CLIENT_GONE);
              assertThat(ending.responseBytes()).isZero();
            });
  }

  @Test
  void onlyAGrpcCallTellsItsGrpcStatus() {
    for (String type : List.of("application/grpc", "text/plain")) {
      LocalResponse answer = new LocalResponse(200, Buffer.buffer());
      answer.headers().set("grpc-status", "14");
      stage.apply(exchange(type), asked -> Future.succeededFuture(answer)).result().body().resume();
    }

    assertThat(endings)
        .extracting(Ending::grpcStatus)
        .containsExactly(OptionalInt.of(14), OptionalInt.empty());
  }

  @Test
  void messagesOfACallOfGrpcAreToldWithItsEnd() {
    ShownAnswer answer = new ShownAnswer(200, "application/grpc+proto");
    stage.apply(
        grpc("application/grpc", Buffer.buffer(new byte[15])),
        asked -> Future.succeededFuture(answer));

    answer.shows(new byte[7]); // one, and the beginning of another
    answer.shows(new byte[3]);
    answer.end.complete();

    assertThat(endings).extracting(Ending::messages).containsExactly(new Messages(3, 2));
  }

  @Test
  void whatWasSentOfACallThatIsRefusedIsToldToo() {
    stage.apply(
        grpc("application/grpc", Buffer.buffer(new byte[5])),
        asked -> Future.failedFuture(new ProxyFailure(Cause.OVERFLOW, "full")));

    assertThat(endings).extracting(Ending::messages).containsExactly(new Messages(1, 0));
  }

  @Test
  void anAnswerThatIsNoneOfGrpcHasNoMessages() {
    for (ShownAnswer answer :
        List.of(
            new ShownAnswer(503, "application/grpc"),
            new ShownAnswer(200, "text/html"),
            new ShownAnswer(200, "application/grpc-web"))) {
      endings.clear();
      stage.apply(
          grpc("application/grpc", Buffer.buffer(new byte[5])),
          asked -> Future.succeededFuture(answer));

      answer.shows(new byte[5]);
      answer.end.complete();

      assertThat(endings).extracting(Ending::messages).containsExactly(new Messages(1, 0));
    }
  }

  @Test
  void nobodyWatchesWhatIsNotGrpc() {
    for (String type : List.of("text/plain", "application/grpc-web", "application/grpcx")) {
      endings.clear();
      ShownAnswer answer = new ShownAnswer(200, "application/grpc");
      stage.apply(grpc(type, Buffer.buffer(new byte[5])), asked -> Future.succeededFuture(answer));

      assertThat(answer.watcher).isEmpty();
      answer.end.complete();
      assertThat(endings).extracting(Ending::messages).containsExactly(Messages.NONE);
    }
  }

  /** An answer whose pieces a test shows. */
  private static final class ShownAnswer implements Response {

    final Promise<Void> end = Promise.promise();
    Optional<Consumer<Buffer>> watcher = Optional.empty();
    private final int status;
    private final MultiMap headers;

    ShownAnswer(int status, String type) {
      this.status = status;
      this.headers = MultiMap.caseInsensitiveMultiMap().add("content-type", type);
    }

    void shows(byte[] piece) {
      watcher.ifPresent(who -> who.accept(Buffer.buffer(piece)));
    }

    @Override
    public int status() {
      return status;
    }

    @Override
    public MultiMap headers() {
      return headers;
    }

    @Override
    public ReadStream<Buffer> body() {
      throw new UnsupportedOperationException("nobody reads it here");
    }

    @Override
    public void watch(Consumer<Buffer> who) {
      watcher = Optional.of(who);
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public MultiMap trailers() {
      return MultiMap.caseInsensitiveMultiMap();
    }

    @Override
    public Future<Void> ended() {
      return end.future();
    }

    @Override
    public void cancel() {}
  }

  private static Exchange grpc(String type, Buffer body) {
    Exchange like = exchange(type);
    Request request =
        new Request(
            like.request().head(),
            HttpVersion.HTTP_2,
            false,
            new BufferBody(body),
            like.request().headers());
    return new Exchange(request, like.caller(), like.loop(), like.seed());
  }

  private static Exchange exchange(String type) {
    return Samples.exchange(
        "/", MultiMap.caseInsensitiveMultiMap().add("content-type", type), new HandTicker());
  }
}
