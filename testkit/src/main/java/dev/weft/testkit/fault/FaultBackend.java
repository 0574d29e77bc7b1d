package dev.weft.testkit.fault;

import dev.weft.testkit.FreePorts;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server on loopback that does with each request what it is told to, over HTTP/1.1 and HTTP/2
 * with prior knowledge on one port, and keeps a {@link Ledger}. One thread of its own; its settings
 * may be changed from any other and hold from the next request or connection on.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what cannot be written has nobody to tell
public final class FaultBackend implements AutoCloseable {

  private static final int MOST_CONNECTIONS = 20_000;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Ledger ledger;
  private final int port;
  private volatile Function<Received, Fault> answers = request -> Fault.none();
  private volatile boolean resetsOnAccept;
  private volatile Optional<Duration> idle = Optional.empty();
  private volatile boolean tellsIdle;
  private volatile Optional<Duration> crossing = Optional.empty();
  private Channel listening;

  /** On a free port, with a ledger of its own; answers properly until it is told otherwise. */
  public FaultBackend() {
    this(0, new Ledger());
  }

  /**
   * @param port 0 for a free one, which no client's connection takes while it {@link #refuse}s
   * @param ledger perhaps of several servers
   */
  public FaultBackend(int port, Ledger ledger) {
    this.ledger = ledger;
    this.port = port == 0 ? free() : port;
    this.listening = bind(this.port);
  }

  private static int free() {
    try {
      return FreePorts.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Channel bind(int wanted) {
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4096)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel connection) {
                opened(connection);
              }
            })
        .bind(InetAddress.getLoopbackAddress(), wanted)
        .syncUninterruptibly()
        .channel();
  }

  private void opened(Channel connection) {
    if (resetsOnAccept || connections.size() >= MOST_CONNECTIONS) {
      reset(connection);
      return;
    }
    ledger.connected();
    connections.add(connection);
    connection.pipeline().addLast(new FirstBytes(this));
  }

  /** Ends a connection with an RST. */
  static void reset(Channel connection) {
    connection.config().setOption(ChannelOption.SO_LINGER, 0);
    connection.close();
  }

  public int port() {
    return port;
  }

  /** Connections that are open now. */
  public int open() {
    return connections.size();
  }

  public Ledger ledger() {
    return ledger;
  }

  /** From the next request on. */
  public void answers(Fault fault) {
    answers = request -> fault;
  }

  /** From the next request on; {@code choice} is asked on the server's thread. */
  public void answers(Function<Received, Fault> choice) {
    answers = choice;
  }

  Fault answer(Received request) {
    ledger.request(request);
    return answers.apply(request);
  }

  /** Whether connections are reset as soon as they are there. */
  public void resetsOnAccept(boolean resets) {
    resetsOnAccept = resets;
  }

  /**
   * Closes connections on which no request is under way for so long.
   *
   * @param told whether answers of HTTP/1.1 say so ({@code Keep-Alive: timeout=}, whole seconds)
   */
  public void closesIdle(Duration time, boolean told) {
    tellsIdle = told;
    idle = Optional.of(time);
  }

  /**
   * What comes over HTTP/1.1 on a connection that is idle for so long meets its end, as if both had
   * crossed on the way: it is not read, and the connection is reset.
   */
  public void crossesAfter(Duration time) {
    crossing = Optional.of(time);
  }

  boolean crosses(Duration idleFor) {
    return crossing.isPresent() && idleFor.compareTo(crossing.get()) >= 0;
  }

  Optional<Duration> idle() {
    return idle;
  }

  boolean tellsIdle() {
    return tellsIdle;
  }

  /** Connections come about and nobody takes them: their requests stay unread. */
  public void hangsOnAccept(boolean hangs) {
    listening.config().setAutoRead(!hangs);
  }

  /** Closes the port and all its connections; whoever comes is refused, until {@link #listen}. */
  public void refuse() {
    listening.close().syncUninterruptibly();
    connections.close().syncUninterruptibly();
  }

  /** Opens the port again that {@link #refuse} closed. */
  public void listen() {
    listening = bind(port);
  }

  @Override
  public void close() {
    refuse();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
