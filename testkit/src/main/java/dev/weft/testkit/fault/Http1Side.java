package dev.weft.testkit.fault;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection of HTTP/1.1: one request at a time. */
@SuppressWarnings("FutureReturnValueIgnored") // what cannot be written has nobody to tell
final class Http1Side extends SimpleChannelInboundHandler<HttpObject> {

  private final FaultBackend backend;
  private Optional<Fault> waiting = Optional.empty(); // for the request's end
  private Optional<Playing> playing = Optional.empty();
  private boolean answering; // from a request's head to the end of its answer
  private Optional<Future<?>> closing = Optional.empty();
  private Optional<Long> idleSince = Optional.empty(); // the first answer's end
  private boolean crossed;

  Http1Side(FaultBackend backend) {
    this.backend = backend;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
    if (part instanceof HttpRequest && crossed()) {
      crossed = true;
      FaultBackend.reset(context.channel());
    }
    if (crossed) {
      return;
    }
    if (part instanceof HttpRequest request) {
      closing.ifPresent(timer -> timer.cancel(false));
      answering = true;
      Optional<String> id = Optional.ofNullable(request.headers().get(Ledger.ID));
      Fault fault = backend.answer(new Received(request.method().name(), request.uri(), id));
      if (fault.early()) {
        play(context, fault);
      } else {
        waiting = Optional.of(fault);
      }
    }
    if (part instanceof LastHttpContent) {
      waiting.ifPresent(fault -> play(context, fault));
      waiting = Optional.empty();
    }
  }

  private boolean crossed() {
    return idleSince
        .map(since -> Duration.ofNanos(System.nanoTime() - since))
        .filter(backend::crosses)
        .isPresent();
  }

  private void play(ChannelHandlerContext context, Fault fault) {
    Playing now = new Playing(fault, new Answer(context), context.executor());
    playing = Optional.of(now);
    now.run();
  }

  private void answered(ChannelHandlerContext context) {
    answering = false;
    idleSince = Optional.of(System.nanoTime());
    closing =
        backend
            .idle()
            .map(
                time ->
                    context
                        .executor()
                        .schedule(() -> context.close(), time.toNanos(), TimeUnit.NANOSECONDS));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closing.ifPresent(timer -> timer.cancel(false));
    playing.ifPresent(Playing::stop);
    if (answering) {
      backend.ledger().givenUp();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  /** The answer to one request, in bytes. */
  private final class Answer implements Wire {

    private final ChannelHandlerContext context;
    private boolean chunked;

    private Answer(ChannelHandlerContext context) {
      this.context = context;
    }

    @Override
    public void head(int status, Map<String, String> headers) {
      text(headOf(status, headers));
    }

    private String headOf(int status, Map<String, String> headers) {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Any\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      chunked = !headers.containsKey("content-length");
      head.append(chunked ? "transfer-encoding: chunked\r\n" : "");
      Optional<Duration> idle = backend.idle().filter(time -> backend.tellsIdle());
      idle.ifPresent(time -> head.append("keep-alive: timeout=" + time.toSeconds() + "\r\n"));
      return head.append("\r\n").toString();
    }

    @Override
    public void whole(int status, byte[] body) {
      Map<String, String> length = Map.of("content-length", Integer.toString(body.length));
      byte[] head = headOf(status, length).getBytes(StandardCharsets.US_ASCII);
      context.writeAndFlush(Unpooled.wrappedBuffer(head, body));
      end();
    }

    @Override
    public void body(byte[] bytes) {
      if (chunked) {
        text(Integer.toHexString(bytes.length) + "\r\n");
      }
      raw(bytes);
      if (chunked) {
        text("\r\n");
      }
    }

    private void text(String text) {
      raw(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void end() {
      if (chunked) {
        text("0\r\n\r\n");
      }
      answered(context);
    }

    @Override
    public void raw(byte[] bytes) {
      context.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    @Override
    public void reset(long error) {
      answering = false;
      FaultBackend.reset(context.channel());
    }

    @Override
    public void close() {
      answering = false;
      context.close();
    }

    @Override
    public void leave() {
      close();
    }
  }
}
