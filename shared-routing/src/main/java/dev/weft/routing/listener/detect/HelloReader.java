package dev.weft.routing.listener.detect;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Reads the name of a TLS handshake and then hands the connection on with all that was read, as it
 * is. Holds at most one read more than {@link HelloParser#LARGEST}.
 */
public final class HelloReader extends HeldBytes {

  private final HelloParser parser = new HelloParser();
  private final Told told;

  /** What becomes of a connection. */
  public interface Told {

    /** Who goes on with it, as with one whose name says nothing; empty to hand it over. */
    default Optional<ChannelHandler> goesOn(ClientHello hello) {
      return Optional.empty();
    }

    /**
     * Who has it from here on.
     *
     * @return is given it, not read any further, and what was read, which it owns
     */
    BiConsumer<Channel, ByteBuf> has(ClientHello hello);

    /** It did not come in time, or it ended before. */
    default BiConsumer<Channel, ByteBuf> late() {
      return has(ClientHello.NONE);
    }
  }

  public HelloReader(Duration patience, Told told) {
    super(patience);
    this.told = told;
  }

  /**
   * Goes on with a connection that is not read for now.
   *
   * @param first what was read of it; owned from here on
   */
  public static void goOn(Channel channel, ByteBuf first, HelloReader reader) {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addFirst(reader);
    if (!((DuplexChannel) channel).isInputShutdown()) {
      channel.config().setAutoRead(true);
    }
    pipeline.fireChannelRead(first);
  }

  @Override
  protected void look(ChannelHandlerContext context, ByteBuf all) {
    Optional<ClientHello> hello = parser.read(all);
    if (hello.isPresent()) {
      Optional<ChannelHandler> next = told.goesOn(hello.get());
      if (next.isPresent()) {
        goOn(context, next.get());
      } else {
        handOver(context, told.has(hello.get()));
      }
    }
  }

  @Override
  protected void late(ChannelHandlerContext context) {
    handOver(context, told.late());
  }
}
