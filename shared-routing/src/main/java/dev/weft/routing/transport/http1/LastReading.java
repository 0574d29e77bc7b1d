package dev.weft.routing.transport.http1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a connection's end before Vert.x hears of it, to whoever reads its answer. Vert.x fails
 * an answer as soon as its connection is closed, with all that came before and waits for a slow
 * reader: a caller would get less than the endpoint sent, and not know where nothing says how much
 * it is. Until Vert.x hears of the end it gives what it holds, in a turn of the loop; then it is
 * told, by when Netty has taken all handlers away.
 *
 * <p>Stands right before Vert.x' own handler. One event loop's own.
 *
 * <p>Source: Vert.x 5.0.12, {@code Http1xClientConnection.handleClosed} and {@code
 * HttpClientResponseImpl.handleException}; to be checked at each upgrade.
 */
public final class LastReading extends ChannelInboundHandlerAdapter {

  private static final String VERTX = "handler"; // as Vert.x names its own

  private @Nullable Runnable reader;

  /** That of a connection; it hears nobody's where there is none. */
  public static LastReading of(Channel connection) {
    LastReading its = connection.pipeline().get(LastReading.class);
    return its == null ? new LastReading() : its;
  }

  /** From now on this one is told, once. */
  public void read(Runnable by) {
    reader = by;
  }

  /**
   * Goes on reading a connection whose other side closed it and therefore takes nothing more: what
   * it said before may still be in the kernel, of which Netty throws away the rest as soon as a
   * write fails.
   */
  public static void outlastsWriting(Channel connection) {
    connection.config().setAutoClose(false);
  }

  /** Nobody reads an answer now. */
  public void unread() {
    reader = null;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    then(context, (vertx, its) -> vertx.channelInactive(its));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    then(context, (vertx, its) -> vertx.exceptionCaught(its, cause));
  }

  /** What becomes of a connection, told to Vert.x. */
  private interface Told {
    void to(ChannelInboundHandler vertx, ChannelHandlerContext its) throws Exception;
  }

  private void then(ChannelHandlerContext context, Told told) throws Exception {
    ChannelHandlerContext its = context.pipeline().context(VERTX);
    if (its == null || !(its.handler() instanceof ChannelInboundHandler vertx)) {
      return;
    }
    Runnable last = reader;
    reader = null;
    if (last == null) {
      told.to(vertx, its);
      return;
    }
    last.run();
    context
        .executor()
        .submit(
            () -> {
              told.to(vertx, its);
              return null;
            })
        .addListener(done -> {}); // what it fails with, it tells
  }
}
