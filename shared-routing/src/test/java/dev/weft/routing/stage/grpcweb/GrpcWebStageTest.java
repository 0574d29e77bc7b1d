package dev.weft.routing.stage.grpcweb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.LocalResponse;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestBody;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.body.BufferBody;
import dev.weft.routing.resilience.GrpcTimeout;
import dev.weft.routing.stage.StageFixture;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrpcWebStageTest extends StageFixture {

  private static final String BINARY = "application/grpc-web+proto";
  private static final String TEXT = "application/grpc-web-text+proto";
  private static final Buffer MESSAGE = Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 'h', 'i'});

  private final GrpcWebStage stage = new GrpcWebStage();
  private final PlayedCall played = new PlayedCall();

  /** An answer of gRPC whose parts a test plays. */
  private static final class PlayedCall implements Response, ReadStream<Buffer> {

    final MultiMap headers = HttpHeaders.headers().set("content-type", "application/grpc");
    final MultiMap trailers = HttpHeaders.headers();
    final Promise<Void> end = Promise.promise();
    Handler<Buffer> reader = bytes -> {};
    Handler<Void> last = none -> {};
    Handler<Throwable> failed = cause -> {};

    @Override
    public int status() {
      return 200;
    }

    @Override
    public MultiMap headers() {
      return headers;
    }

    @Override
    public ReadStream<Buffer> body() {
      return this;
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public MultiMap trailers() {
      return trailers;
    }

    @Override
    public Future<Void> ended() {
      return end.future();
    }

    @Override
    public void cancel() {}

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
      failed = handler;
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> handler) {
      reader = handler;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> handler) {
      last = handler;
      return this;
    }
  }

  /** What was written, and whether it ended. */
  private static final class Taken implements WriteStream<Buffer> {

    final Buffer bytes = Buffer.buffer();
    boolean ended;

    @Override
    public Future<Void> write(Buffer data) {
      bytes.appendBuffer(data);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
      ended = true;
      return Future.succeededFuture();
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
      return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int most) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return false;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
      return this;
    }
  }

  private Exchange web(String type, Buffer body, String... more) {
    List<String> headers = new ArrayList<>(List.of("content-type", type, "content-length", "7"));
    headers.addAll(List.of(more));
    return exchange("POST", new BufferBody(body), headers.toArray(String[]::new));
  }

  /** Serves it with what is played. */
  private Response answer(Exchange exchange) {
    return stage
        .apply(
            exchange,
            call -> {
              served.add(call);
              return Future.succeededFuture(played);
            })
        .result();
  }

  /** All pieces that are read, from now on. */
  private static List<Buffer> pieces(Response answer, Handler<Void> last) {
    List<Buffer> pieces = new ArrayList<>();
    answer.body().endHandler(last);
    answer.body().handler(pieces::add);
    answer.body().resume();
    return pieces;
  }

  private static Buffer trailers(String block) {
    return Buffer.buffer().appendByte((byte) 0x80).appendInt(block.length()).appendString(block);
  }

  @ParameterizedTest
  @ValueSource(strings = {BINARY, TEXT})
  void whoeverWatchesSeesTheMessagesOnceHoweverManyAttemptsGetThem(String type) {
    Buffer text = Buffer.buffer(Base64.getEncoder().encode(MESSAGE.getBytes()));
    answer(web(type, type.equals(TEXT) ? text : MESSAGE));
    RequestBody body = served.get(0).request().body();
    Buffer seen = Buffer.buffer();
    body.watch(seen::appendBuffer);
    Taken first = new Taken();
    Taken further = new Taken();

    body.sendTo(first);
    body.sendTo(further);

    assertThat(further.bytes).isEqualTo(first.bytes).isEqualTo(MESSAGE);
    assertThat(seen).isEqualTo(MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/grpc", "application/json", "application/grpc-webs", "text/html"})
  void whatIsNoGrpcWebPassesAsItIs(String type) {
    Exchange exchange = web(type, MESSAGE);

    Response answer = answer(exchange);

    assertThat(served).singleElement().isSameAs(exchange);
    assertThat(answer).isSameAs(played);
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc-web, application/grpc",
    "application/grpc-web+proto, application/grpc+proto",
    "Application/gRPC-Web+JSON; a=b, application/grpc+json; a=b",
    "application/grpc-web-text, application/grpc"
  })
  void theServiceSeesACallOfGrpc(String type, String seen) {
    answer(web(type, Buffer.buffer("AAAAAAJoaQ=="), "grpc-timeout", "2S"));

    assertThat(served)
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.request().headers().get("content-type")).isEqualTo(seen);
              assertThat(call.request().head().headers().get("content-type")).isEqualTo(seen);
              assertThat(call.request().headers().get("te")).isEqualTo("trailers");
              assertThat(call.request().headers().contains("content-length")).isFalse();
              assertThat(GrpcTimeout.of(call.request())).hasValue(Duration.ofSeconds(2));
              assertThat(call.seed()).isEqualTo(42);
            });
  }

  @Test
  void messagesPassAndTrailersAreALastFrame() {
    List<Buffer> ended = new ArrayList<>();
    Response answer = answer(web(BINARY, MESSAGE));
    List<Buffer> pieces = pieces(answer, end -> ended.add(Buffer.buffer()));

    played.reader.handle(MESSAGE);
    assertThat(pieces).containsExactly(MESSAGE);
    assertThat(ended).isEmpty();
    played.trailers.add("Grpc-Status", "0").add("grpc-message", "it%20is");
    played.last.handle(null);

    assertThat(pieces)
        .containsExactly(MESSAGE, trailers("grpc-status: 0\r\ngrpc-message: it%20is\r\n"));
    assertThat(ended).hasSize(1);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/grpc-web+proto");
    assertThat(answer.trailers()).isEmpty();
  }

  @Test
  void textIsBase64EachPieceByItself() {
    Response answer = answer(web(TEXT, Buffer.buffer()));
    List<Buffer> pieces = pieces(answer, end -> {});

    played.reader.handle(MESSAGE);
    played.trailers.add("grpc-status", "0");
    played.last.handle(null);

    assertThat(answer.headers().get("content-type")).isEqualTo("application/grpc-web-text+proto");
    assertThat(pieces)
        .extracting(piece -> Buffer.buffer(Base64.getDecoder().decode(piece.getBytes())))
        .containsExactly(MESSAGE, trailers("grpc-status: 0\r\n"));
    assertThat(pieces.get(0)).hasToString("AAAAAAJoaQ==");
  }

  @ParameterizedTest
  @CsvSource({
    BINARY + ", application/grpc-web-text, application/grpc-web-text+proto",
    TEXT + ", application/grpc-web, application/grpc-web+proto",
    TEXT + ", */*, application/grpc-web-text+proto"
  })
  void theCallerSaysWhatItReads(String speaks, String reads, String told) {
    Response answer = answer(web(speaks, Buffer.buffer(), "accept", reads));

    assertThat(answer.headers().get("content-type")).isEqualTo(told);
  }

  @Test
  void anAnswerOfTrailersAloneHasNoFrame() {
    played.headers.set("grpc-status", "12");
    Response answer = answer(web(BINARY, MESSAGE));
    List<Buffer> pieces = pieces(answer, end -> {});

    played.last.handle(null);

    assertThat(pieces).isEmpty();
    assertThat(answer.headers().get("grpc-status")).isEqualTo("12");
  }

  @Test
  void anAnswerThatIsNotOfGrpcStaysAsItIs() {
    Response other = new LocalResponse(404, Buffer.buffer("none"));

    Response answer =
        stage.apply(web(BINARY, MESSAGE), call -> Future.succeededFuture(other)).result();

    assertThat(answer).isSameAs(other);
  }

  @Test
  void base64ThatIsCutAnywhereAndPaddedWithinIsRead() {
    String text = "AAAAAAJoaQ==AAAAAAMxMjM=";
    for (int size = 1; size <= text.length(); size++) {
      Base64Pieces pieces = new Base64Pieces();
      Buffer all = Buffer.buffer();
      for (int i = 0; i < text.length(); i += size) {
        String piece = text.substring(i, Math.min(text.length(), i + size));
        all.appendBuffer(pieces.decoded(Buffer.buffer(piece)));
      }

      assertThat(all.getBytes())
          .as("pieces of %d", size)
          .isEqualTo(new byte[] {0, 0, 0, 0, 2, 'h', 'i', 0, 0, 0, 0, 3, '1', '2', '3'});
      assertThat(pieces.whole()).isTrue();
    }
  }

  @Test
  void theServiceGetsWhatItsBase64Says() {
    answer(web(TEXT, Buffer.buffer("AAAAAAJoaQ==")));
    Taken taken = new Taken();

    Future<Void> sent = served.get(0).request().body().sendTo(taken);

    assertThat(sent.succeeded()).isTrue();
    assertThat(taken.bytes).isEqualTo(MESSAGE);
    assertThat(taken.ended).isTrue();
    assertThat(served.get(0).request().body().length()).isEmpty();
    assertThat(served.get(0).request().body().captured().result()).isEqualTo(MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AAAA*AAA", "AAAAA", "AA=A"})
  void whatIsNotBase64EndsTheRequestWithItsCause(String text) {
    answer(web(TEXT, Buffer.buffer(text)));

    Future<Void> sent = served.get(0).request().body().sendTo(new Taken());

    assertThat(((ProxyFailure) sent.cause()).reason()).isEqualTo(Cause.BAD_REQUEST);
  }

  @Test
  void whoLeavesCancelsTheCall() {
    List<ProxyFailure> cancelled = new ArrayList<>();
    Exchange exchange = web(BINARY, MESSAGE);
    answer(exchange);
    served.get(0).onCancel(cancelled::add);

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "left"));

    assertThat(cancelled).extracting(ProxyFailure::reason).containsExactly(Cause.CLIENT_GONE);
  }

  @Test
  void aCallThatEndedIsNotCancelledAnyMore() {
    List<ProxyFailure> cancelled = new ArrayList<>();
    Exchange exchange = web(BINARY, MESSAGE);
    answer(exchange);
    served.get(0).onCancel(cancelled::add);
    played.end.complete();

    exchange.cancel(new ProxyFailure(Cause.CLIENT_GONE, "left"));

    assertThat(cancelled).isEmpty();
  }

  @Test
  void aDeadlineIsToldInAFrameAndACutIsSeen() {
    List<Throwable> cuts = new ArrayList<>();
    Response answer = answer(web(BINARY, MESSAGE));
    answer.body().exceptionHandler(cuts::add);
    List<Buffer> pieces = pieces(answer, end -> {});

    played.failed.handle(new ProxyFailure(Cause.UPSTREAM_TRUNCATED, "cut"));
    assertThat(cuts).hasSize(1);
    assertThat(pieces).isEmpty();
    played.failed.handle(new ProxyFailure(Cause.CALLER_DEADLINE, "over"));

    assertThat(cuts).hasSize(1);
    assertThat(pieces)
        .containsExactly(trailers("grpc-status: 4\r\ngrpc-message: caller deadline\r\n"));
  }
}
