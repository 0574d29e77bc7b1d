package dev.weft.routing.listener.detect;

import dev.weft.config.model.TrafficPolicy.ProxyProtocol;
import dev.weft.routing.listener.intercept.Refused;
import dev.weft.routing.listener.intercept.Refused.Why;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The header with which a proxy in front tells whom a connection is from, before its first byte.
 * Read by this handler, which then leaves the pipeline; a connection without one is refused.
 *
 * <p>Source: HAProxy's PROXY protocol, versions 1 and 2.
 */
public final class ProxyHeader extends ChannelInboundHandlerAdapter {

  private static final int MOST_TLV_BYTES = 1 << 11; // what it may tell beside the addresses

  private final Consumer<Optional<InetSocketAddress>> then;
  private final Refused refused;
  private final Duration patience;
  private @Nullable ScheduledFuture<?> deadline;
  private boolean read;
  private boolean over;

  private ProxyHeader(
      Duration patience, Consumer<Optional<InetSocketAddress>> then, Refused refused) {
    this.patience = patience;
    this.then = then;
    this.refused = refused;
  }

  /**
   * Reads the header of a connection.
   *
   * @param patience for all of it
   * @param then goes on with the connection, of which nothing else was read; is told whom it is
   *     from, or nothing where the proxy in front speaks for itself. May put handlers first
   */
  public static void first(
      ChannelPipeline pipeline,
      Duration patience,
      Consumer<Optional<InetSocketAddress>> then,
      Refused refused) {
    pipeline.addFirst(new ProxyHeader(patience, then, refused));
    pipeline.addFirst(new WholeHeader());
  }

  /** Refuses what ends amid its header; who says nothing at all only looked whether we are here. */
  private static final class WholeHeader extends HAProxyMessageDecoder {

    WholeHeader() {
      super(MOST_TLV_BYTES);
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out)
        throws Exception {
      super.decodeLast(context, in, out);
      if (in.isReadable() && out.isEmpty()) {
        in.skipBytes(in.readableBytes());
        throw new HAProxyProtocolException("it ended amid it");
      }
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(
                () -> refuse(context, ": nothing came in time"),
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HAProxyMessage header) {
      Optional<InetSocketAddress> from = from(header);
      header.release();
      read = true;
      then.accept(from);
      context.executor().execute(() -> leave(context)); // after what follows
    } else if (read) { // what the decoder had beside the header, once
      context.pipeline().remove(this);
      context.pipeline().fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void leave(ChannelHandlerContext context) {
    if (!context.isRemoved()) {
      context.pipeline().remove(this);
    }
  }

  /** Empty for a proxy's own connections, and those that are not TCP. */
  private static Optional<InetSocketAddress> from(HAProxyMessage header) {
    AddressFamily family = header.proxiedProtocol().addressFamily();
    boolean known = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
    return known && header.command() == HAProxyCommand.PROXY && header.sourceAddress() != null
        ? Optional.of(new InetSocketAddress(header.sourceAddress(), header.sourcePort()))
        : Optional.empty();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    refuse(context, ": " + cause.getMessage());
  }

  private void refuse(ChannelHandlerContext context, String detail) {
    if (!read && !over) {
      over = true; // the decoder closes too
      refused.refused(context.channel().remoteAddress(), Why.PROXY_HEADER, detail);
      context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      context.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }

  /**
   * Writes one as the first bytes of a connection.
   *
   * @param from whom it is from
   * @param to where that was going
   */
  public static void write(
      Channel server, ProxyProtocol version, InetSocketAddress from, InetSocketAddress to) {
    boolean four =
        from.getAddress() instanceof Inet4Address && to.getAddress() instanceof Inet4Address;
    HAProxyMessage header =
        new HAProxyMessage(
            version == ProxyProtocol.V1 ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2,
            HAProxyCommand.PROXY,
            four ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
            text(from.getAddress(), four),
            text(to.getAddress(), four),
            from.getPort(),
            to.getPort());
    server.pipeline().addFirst(HAProxyMessageEncoder.INSTANCE);
    server.writeAndFlush(header).addListener(sent -> {}); // or it closed
    server.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
  }

  /** Beside an IPv6 address one of IPv4 is written as one of IPv6. */
  private static String text(InetAddress address, boolean four) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    String bare = zone < 0 ? text : text.substring(0, zone);
    return four || !(address instanceof Inet4Address) ? bare : "::ffff:" + bare;
  }
}
