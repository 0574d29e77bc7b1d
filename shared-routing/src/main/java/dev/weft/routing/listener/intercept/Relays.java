package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Handshake;
import dev.weft.routing.listener.intercept.Refused.Why;
import dev.weft.routing.resilience.OwnConnections.Rounds;
import dev.weft.routing.route.tcp.ConnectionHead;
import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Note;
import dev.weft.routing.telemetry.tcp.TcpSignals.Counts;
import dev.weft.routing.transport.tcp.Frames;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Carries connections to where they were meant to go, byte by byte, on the event loop that accepted
 * them. What one side ends the other is told to end (half-close), what breaks on one side is broken
 * on the other, each is read only as fast as the other takes it, and both end where nothing moves
 * for the idle timeout.
 */
public final class Relays {

  private static final AttributeKey<InetSocketAddress> FROM = AttributeKey.valueOf("weft.from");
  private static final AttributeKey<Rounds> ROUNDS = AttributeKey.valueOf("weft.rounds");

  private final Relaying how;
  private final Duration idle;
  private final Refused refused;

  /**
   * @param idle of connections to where nothing else is said; zero for no limit
   */
  public Relays(Relaying how, Duration idle, Refused refused) {
    this.how = how;
    this.idle = idle;
    this.refused = refused;
  }

  /** Leaves with a connection whom it is from, as a trusted proxy in front says. */
  public static void from(Channel channel, InetSocketAddress caller) {
    channel.attr(FROM).set(caller);
  }

  /** Whether this process opened the connection itself; to be asked once for each. */
  public boolean loops(Channel accepted, SocketAddress meant) {
    SocketAddress peer = accepted.remoteAddress();
    accepted.closeFuture().addListener(closed -> how.opened().closed(peer, meant));
    Rounds rounds = how.opened().accepted(peer, meant);
    accepted.attr(ROUNDS).set(rounds);
    return how.opened().loops(rounds);
  }

  /**
   * Carries a connection as it is.
   *
   * @param client not read for now
   * @param first bytes that were read already; owned from here on
   */
  public void open(Channel client, ByteBuf first, ConnectionHead head) {
    client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    RelayEnd near = new RelayEnd(Ending.SOCKET);
    near.first(first);
    client.pipeline().addFirst(near);
    open(client, near, caller(client, head, false), head);
  }

  /**
   * Carries a connection that a proxy of the mesh opened, whose handshake is done.
   *
   * @param proxy that proved who it is
   */
  public void open(Channel client, SslHandler tls, Caller proxy, ConnectionHead head) {
    Frames frames = new Frames();
    RelayEnd near = new RelayEnd(Ending.of(frames));
    behind(client, tls, near);
    client.pipeline().addAfter(client.pipeline().context(tls).name(), "weft-frames", frames);
    open(client, near, proxy.meaning(head.meant()), head);
  }

  /**
   * Carries what somebody outside says inside TLS, whose handshake is done.
   *
   * @param proved what the handshake proves of a caller
   */
  public void open(
      Channel client, SslHandler tls, UnaryOperator<Caller> proved, ConnectionHead head) {
    RelayEnd near = new RelayEnd(Ending.of(tls));
    behind(client, tls, near);
    open(client, near, proved.apply(caller(client, head, true)), head);
  }

  private static void behind(Channel client, SslHandler tls, RelayEnd near) {
    client.config().setAutoRead(false);
    client.pipeline().addAfter(client.pipeline().context(tls).name(), "weft-relay", near);
  }

  /** Somebody of whom nothing is proved. */
  private static Caller caller(Channel client, ConnectionHead head, boolean tls) {
    InetSocketAddress from = from(client);
    Optional<String> asked = head.serverName().filter(name -> !name.isEmpty());
    return Caller.anonymous(
            from.getAddress().getHostAddress(), from.getPort(), head.meant().getPort(), tls)
        .met(new Handshake(asked, Optional.empty()), Optional.empty())
        .meaning(head.meant());
  }

  /** Of its socket, or as a trusted proxy in front of it says. */
  private static InetSocketAddress from(Channel client) {
    InetSocketAddress told = client.attr(FROM).get();
    return told == null ? (InetSocketAddress) client.remoteAddress() : told;
  }

  /**
   * A connection and who opened it.
   *
   * @param note of it, for the log
   */
  record Accepted(Channel channel, RelayEnd end, Caller who, Note note, long seed) {

    /** {@code unknown} where nothing is proved. */
    String principal() {
      return who.principal().orElse(EdgeLabels.UNKNOWN);
    }

    boolean tls() {
      return who.tls();
    }

    /** Of its socket, or as a trusted proxy in front of it says. */
    InetSocketAddress from() {
      return Relays.from(channel);
    }
  }

  private void open(Channel client, RelayEnd near, Caller who, ConnectionHead head) {
    long seed = ThreadLocalRandom.current().nextLong();
    Note note = how.carriage().log().begin(who, seed);
    near.hears(fate -> note.trouble(fate.of("caller"), ""));
    near.over(note::ended);
    open(new Accepted(client, near, who, note, seed), head);
  }

  private void open(Accepted caller, ConnectionHead head) {
    Way way = how.ways().of(caller.who, head, caller.seed);
    if (way instanceof Way.Service service) {
      new ServiceOpening(this, caller, service, head.meant()).next();
    } else if (way instanceof Way.Direct direct) {
      new DirectOpening(this, caller, direct, head.meant()).connect();
    } else if (way instanceof Way.Denied denied) {
      refuse(caller, Why.DENIED, ": " + denied.by());
    } else {
      refuse(caller, ((Way.Nowhere) way).why(), ": " + told(head));
    }
  }

  private static String told(ConnectionHead head) {
    return head.meant() + head.serverName().map(name -> ", server name '" + name + "'").orElse("");
  }

  /** What connects on a caller's event loop. */
  Bootstrap bootstrap(Channel client, ChannelHandler handler, Duration limit) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limit.toMillis())
            .handler(handler);
    how.mark().ifPresent(mark -> mark.put(bootstrap));
    return bootstrap;
  }

  /**
   * Notes a connection that was opened for a caller; where it came back to this process it is
   * broken, since what merely ends would be carried on from there.
   */
  boolean comesBack(Accepted caller, Channel server) {
    SocketAddress local = server.localAddress();
    SocketAddress remote = server.remoteAddress();
    server.closeFuture().addListener(closed -> how.opened().left(local, remote));
    Rounds rounds = caller.channel.attr(ROUNDS).get();
    boolean loop = how.opened().opened(local, remote, rounds == null ? Rounds.none() : rounds);
    if (loop) {
      RelayEnd.cut(server);
    }
    return loop;
  }

  /**
   * Has both carry what the other says. The idle timeout begins here, as Envoy's does: opening has
   * limits of its own.
   *
   * @param limit after which both end where nothing moved; zero for none
   */
  void join(Accepted caller, RelayEnd far, Channel server, Counts counts, Duration limit) {
    if (!limit.isZero()) {
      caller
          .channel
          .pipeline()
          .addFirst(new IdleStateHandler(0, 0, limit.toMillis(), TimeUnit.MILLISECONDS));
    }
    counts.opened();
    caller.channel.closeFuture().addListener(closed -> counts.closed());
    caller.end.counted(caller.note.received(counts::received));
    far.counted(caller.note.sent(counts::sent));
    far.hears(fate -> caller.note.trouble(fate.of("endpoint"), ""));
    caller.end.join(far, (EpollSocketChannel) caller.channel, (EpollSocketChannel) server);
  }

  Counts counts(Accepted caller, Way.Service way, Endpoint endpoint) {
    return how.carriage()
        .counted()
        .edge(way.upstream().name(), endpoint.labels(), endpoint.principal(), caller.tls());
  }

  Counts counts(Accepted caller, Way.Direct way) {
    return how.carriage().counted().edge(way.cluster(), Map.of(), caller.principal(), caller.tls());
  }

  /** Of connections to where nothing else is said; zero for no limit. */
  Duration idle() {
    return idle;
  }

  Carriage carriage() {
    return how.carriage();
  }

  /** As {@link #refuse(Channel, Why, String)}, of one that is noted. */
  void refuse(Accepted caller, Why why, String detail) {
    caller.note.trouble(
        why.name().toLowerCase(Locale.ROOT),
        detail.startsWith(": ") ? detail.substring(2) : detail);
    refuse(caller.channel, why, detail);
  }

  /** Who opened it was told that it is connected: a reset says best that it is not. */
  public void refuse(Channel client, Why why, String detail) {
    refused.refused(client.remoteAddress(), why, detail);
    RelayEnd.cut(client);
  }
}
