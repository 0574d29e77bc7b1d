package dev.weft.testkit.fault;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection of HTTP/2: many requests at a time. */
@SuppressWarnings("FutureReturnValueIgnored") // what cannot be written has nobody to tell
final class Http2Side extends SimpleChannelInboundHandler<Http2Frame> {

  /** Length 8, type 7, no flags, stream 0 (RFC 9113 section 6.8); the codec would name the last. */
  private static final byte[] GO_AWAY = {0, 0, 8, 7, 0, 0, 0, 0, 0};

  private static final long LINGER_MILLIS = 50; // an RST would overtake what was sent

  private final FaultBackend backend;
  private final Map<Http2FrameStream, Stream> streams = new HashMap<>();
  private int lastAnswered;
  private long idleRound;

  /** One request on the way: its fault waits for its end, or plays. */
  private record Stream(Fault fault, Playing playing) {}

  Http2Side(FaultBackend backend) {
    this.backend = backend;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Http2Frame frame) {
    if (frame instanceof Http2HeadersFrame head) {
      if (!streams.containsKey(head.stream())) {
        begun(context, head);
      }
      ended(head, head.isEndStream());
    } else if (frame instanceof Http2DataFrame data) {
      int taken = data.initialFlowControlledBytes();
      context.writeAndFlush(new DefaultHttp2WindowUpdateFrame(taken).stream(data.stream()));
      ended(data, data.isEndStream());
    } else if (frame instanceof Http2ResetFrame reset) {
      Stream gone = streams.remove(reset.stream());
      if (gone != null) {
        gone.playing.stop();
        backend.ledger().givenUp();
      }
    }
  }

  private void begun(ChannelHandlerContext context, Http2HeadersFrame frame) {
    idleRound++;
    Http2Headers head = frame.headers();
    Optional<String> id = Optional.ofNullable(head.get(Ledger.ID)).map(CharSequence::toString);
    Received request = new Received(String.valueOf(head.method()), String.valueOf(head.path()), id);
    Fault fault = backend.answer(request);
    Answer answer = new Answer(context, frame.stream());
    Stream begun = new Stream(fault, new Playing(fault, answer, context.executor()));
    streams.put(frame.stream(), begun);
    if (fault.early()) {
      begun.playing.run();
    }
  }

  private void ended(Http2StreamFrame frame, boolean end) {
    Stream stream = streams.get(frame.stream());
    if (end && stream != null && !stream.fault.early()) {
      stream.playing.run();
    }
  }

  private void answered(ChannelHandlerContext context, Http2FrameStream stream) {
    streams.remove(stream);
    lastAnswered = Math.max(lastAnswered, stream.id());
    long round = idleRound;
    Runnable close =
        () -> {
          if (streams.isEmpty() && round == idleRound) {
            context.close();
          }
        };
    backend
        .idle()
        .ifPresent(
            time -> context.executor().schedule(close, time.toNanos(), TimeUnit.NANOSECONDS));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    streams
        .values()
        .forEach(
            stream -> {
              stream.playing.stop();
              backend.ledger().givenUp();
            });
    streams.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  /** The answer to one request, in frames. */
  private final class Answer implements Wire {

    private final ChannelHandlerContext context;
    private final Http2FrameStream stream;

    private Answer(ChannelHandlerContext context, Http2FrameStream stream) {
      this.context = context;
      this.stream = stream;
    }

    @Override
    public void head(int status, Map<String, String> headers) {
      context.writeAndFlush(headOf(status, headers));
    }

    private Http2HeadersFrame headOf(int status, Map<String, String> headers) {
      Http2Headers head = new DefaultHttp2Headers(false).status(Integer.toString(status));
      headers.forEach(head::add);
      return new DefaultHttp2HeadersFrame(head).stream(stream);
    }

    @Override
    public void whole(int status, byte[] body) {
      context.write(headOf(status, Map.of("content-length", Integer.toString(body.length))));
      ByteBuf bytes = Unpooled.wrappedBuffer(body);
      context.writeAndFlush(new DefaultHttp2DataFrame(bytes, true).stream(stream));
      answered(context, stream);
    }

    @Override
    public void body(byte[] bytes) {
      context.writeAndFlush(
          new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes)).stream(stream));
    }

    @Override
    public void end() {
      context.writeAndFlush(new DefaultHttp2DataFrame(true).stream(stream));
      answered(context, stream);
    }

    /** Below the codec, where frames are bytes already. */
    @Override
    public void raw(byte[] bytes) {
      context
          .pipeline()
          .context(Http2FrameCodec.class)
          .writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    @Override
    public void reset(long error) {
      context.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
      answered(context, stream);
    }

    /** Without the GOAWAY that the codec would send. */
    @Override
    public void close() {
      streams.remove(stream);
      context.pipeline().context(Http2FrameCodec.class).close();
    }

    @Override
    public void leave() {
      raw(
          ByteBuffer.allocate(GO_AWAY.length + 8)
              .put(GO_AWAY)
              .putInt(lastAnswered)
              .putInt(0)
              .array());
      context.executor().schedule(this::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
