package dev.weft.routing.transport;

import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.resilience.KeepAlive;
import dev.weft.routing.transport.http2.LastStream;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one endpoint in one protocol. HTTP/1.1 has one attempt a
 * connection, HTTP/2 as many as the peer and the configuration allow; the connection that was used
 * last is used next, so that idle ones can go. Only its event loop may enter.
 *
 * <p>Who waits for a connection waits no longer than the connect timeout, whatever the peer does or
 * leaves undone: one timer for all who wait.
 */
final class Pool {

  private static final int MOST_OPENING = 8; // at once, until there are more connections

  private final Endpoint endpoint;
  private final boolean wantsHttp2; // where its peer speaks it
  private boolean http2; // as it chose last
  private final Connector connector;
  private final ConnectionLimits limits;
  private final Loop loop;
  private final Deque<Pooled> free = new ArrayDeque<>(); // with room for one more attempt
  private final List<Pooled> all = new ArrayList<>();
  private final List<Opening> opening = new ArrayList<>();
  private final WaitingLine waiting;
  private UpstreamSettings settings;
  private final KeepAlive keepAlive = new KeepAlive();
  private boolean watching;
  private boolean growing;

  Pool(
      Endpoint endpoint,
      boolean http2,
      Connector connector,
      ConnectionLimits limits,
      Loop loop,
      UpstreamSettings settings) {
    this.endpoint = endpoint;
    this.waiting = new WaitingLine(limits, settings.name(), loop.ticker());
    this.wantsHttp2 = http2;
    this.http2 = http2;
    this.connector = connector;
    this.limits = limits;
    this.loop = loop;
    this.settings = settings;
  }

  /** A connection that has room at about that time; null where one is to be waited for. */
  @Nullable Lease ready(UpstreamSettings now, long time) {
    settings = now;
    Pooled pooled = fresh();
    if (pooled == null) {
      return null;
    }
    boolean renewed = pooled.doubtful(time) && mayOpen();
    if (renewed && pooled != free.peekFirst()) {
      pooled.retire(); // the oldest stays, to see how old it becomes
    }
    return renewed ? null : pooled.lease();
  }

  private boolean mayOpen() {
    ConnectionPool pool = settings.connectionPool();
    return !waiting.full(pool.maxPendingRequests())
        && limits.open(settings.name()) < pool.maxConnections().orElse(Integer.MAX_VALUE);
  }

  /** The one that was used last, unless it has ended or may be closing. */
  private @Nullable Pooled fresh() {
    Pooled pooled = free.peekLast();
    while (pooled != null
        && (pooled.ended() || (keepAlive.known() && pooled.stale(loop.ticker().nanos())))) {
      pooled.retire();
      pooled = free.peekLast();
    }
    return pooled;
  }

  /**
   * Waits for a new connection, or for one that gets room.
   *
   * @param promise takes the lease; completed on this event loop, perhaps before this returns
   */
  void acquire(UpstreamSettings now, Promise<Lease> promise) {
    settings = now;
    OptionalInt most = now.connectionPool().maxPendingRequests();
    if (!waiting.add(promise, most, loop.ticker().nanos(), !all.isEmpty())) {
      promise.fail(failure(Cause.OVERFLOW, "too many wait for a connection"));
      return;
    }
    openForWaiting();
    if (opening.isEmpty()) {
      serve(); // there may be doubtful ones
    }
    watch();
  }

  /**
   * Takes back a wait whose exchange is over; its promise is never completed then.
   *
   * @return whether it waited behind others, which had the connections that there were
   */
  boolean forget(Promise<Lease> promise) {
    return waiting.forget(promise);
  }

  private ProxyFailure failure(Cause cause, String why) {
    return new ProxyFailure(cause, "endpoint " + endpoint.address() + ": " + why);
  }

  /**
   * Opens one for each who waits, but only so many at once: connections come free meanwhile, and
   * where handshakes are what makes this loop slow, more of them at once make it slower still.
   */
  private void openForWaiting() {
    int most = http2 ? 1 : Math.max(MOST_OPENING, all.size());
    boolean more = !growing; // an attempt to open may fail at once, and come here again
    while (more && opening.size() < Math.min(most, waiting.size())) {
      growing = true;
      more = open();
      growing = false;
    }
  }

  private boolean open() {
    boolean none = all.isEmpty() && opening.isEmpty();
    if (!limits.opens(settings.name(), settings.connectionPool().maxConnections(), none)) {
      return false;
    }
    Opening begun = new Opening(loop.ticker().nanos());
    opening.add(begun);
    connector
        .connect(endpoint, settings, wantsHttp2)
        .onSuccess(connection -> opened(begun, connection))
        .onFailure(cause -> failed(begun, cause));
    return true;
  }

  private void opened(Opening begun, HttpClientConnection connection) {
    if (begun.outdated()) {
      connection.close();
      return;
    }
    opening.remove(begun);
    Pooled pooled = new Pooled(connection, loop.ticker().nanos());
    http2 = pooled.multiplexed;
    all.add(pooled);
    endpoint.connections().incrementAndGet();
    pooled.offer();
    connection.closeHandler(closed -> gone(pooled));
    serve();
  }

  private void failed(Opening begun, Throwable cause) {
    if (begun.outdated()) {
      return;
    }
    opening.remove(begun);
    limits.closed(settings.name());
    if (!waiting.isEmpty() && !free.isEmpty()) {
      waiting.next().complete(free.getLast().lease()); // better a doubtful one than none
    } else {
      boolean spokeForAll = http2 || (all.isEmpty() && opening.isEmpty());
      waiting.fail(spokeForAll ? waiting.size() : 1, cause);
    }
    openForWaiting();
  }

  private void gone(Pooled pooled) {
    pooled.withdraw();
    if (!pooled.retired) {
      pooled.closed(loop.ticker().nanos());
    }
    if (all.remove(pooled)) {
      endpoint.connections().decrementAndGet();
      limits.closed(settings.name());
      openForWaiting();
    }
  }

  private void serve() {
    while (!waiting.isEmpty()) {
      if (!certain(fresh())) {
        openForWaiting(); // which may serve or fail some at once
      }
      Pooled pooled = fresh();
      boolean better = !certain(pooled) && !opening.isEmpty(); // and on its way
      if (pooled == null || better || waiting.isEmpty()) {
        return;
      }
      waiting.next().complete(pooled.lease());
    }
  }

  private boolean certain(@Nullable Pooled pooled) {
    return pooled != null && !pooled.doubtful(loop.ticker().nanos());
  }

  /** Sees to it that nobody waits for ever: at most one timer, set while somebody waits. */
  private void watch() {
    if (watching || waiting.isEmpty()) {
      return;
    }
    watching = true;
    Duration timeout = settings.connectionPool().connectTimeout();
    long left = timeout.toNanos() - waiting.longest(loop.ticker().nanos());
    loop.timers().after(Duration.ofNanos(Math.max(1, left)).plusMillis(1), this::expire);
  }

  private void expire() {
    watching = false;
    long now = loop.ticker().nanos();
    Duration timeout = settings.connectionPool().connectTimeout();
    boolean silent = false;
    for (Opening one : List.copyOf(opening)) {
      if (now - one.sinceNanos() >= timeout.toNanos()) {
        abandon(one);
        silent = true;
      }
    }
    Cause cause = silent ? Cause.CONNECT_TIMEOUT : Cause.OVERFLOW;
    String why = silent ? "no connection within " : "no connection came free within ";
    int late = waiting.countWaitingFor(timeout.toNanos(), now);
    waiting.fail(late, failure(cause, why + timeout.toMillis() + " ms"));
    openForWaiting();
    watch();
  }

  private void abandon(Opening one) {
    one.outdate();
    opening.remove(one);
    limits.closed(settings.name());
  }

  /** Closes what is idle for too long, too old or too many, or leads to an endpoint that left. */
  void sweep() {
    if (endpoint.left()) {
      drain();
      return;
    }
    long now = loop.ticker().nanos();
    int spare = all.size() - MOST_OPENING;
    for (Pooled pooled : List.copyOf(all)) {
      if (pooled.overdue(settings.connectionPool(), now) || (spare > 0 && pooled.spare(now))) {
        pooled.retire();
        spare--;
      } else {
        pooled.lasts(now);
      }
    }
  }

  /**
   * Lets each connection finish what it does, and opens no more for it; those on their way are not
   * used, since they show an identity of before.
   */
  void drain() {
    List.copyOf(all).forEach(Pooled::retire);
    List.copyOf(opening).forEach(this::abandon);
    openForWaiting();
  }

  /** As {@link #drain()}, and nobody waits any more. */
  void close() {
    waiting.fail(waiting.size(), failure(Cause.DRAINING, "this proxy ends"));
    drain();
  }

  /** Whether it may go: what is known of a server stays as long as its endpoint. */
  boolean empty() {
    boolean unused = all.isEmpty() && opening.isEmpty() && waiting.isEmpty();
    return unused && (endpoint.left() || !keepAlive.heard());
  }

  int connections() {
    return all.size();
  }

  /** Attempts that have no connection yet. */
  int waiting() {
    return waiting.size();
  }

  private final class Pooled extends PooledLease.Held {

    private final boolean multiplexed;
    private boolean retired;
    private boolean offered;

    Pooled(HttpClientConnection connection, long now) {
      super(connection, Pool.this.keepAlive, connector.introduction(endpoint), now);
      ChannelHandler handler = InterimAnswers.context(connection).handler();
      this.multiplexed = wantsHttp2 && LastStream.heard(handler, this::goesAway); // or by ALPN not
    }

    private void goesAway(int last) {
      lastAccepted = last;
      retire();
    }

    @Override
    boolean multiplexed() {
      return multiplexed;
    }

    private boolean hasRoom() {
      if (!multiplexed) {
        return active == 0;
      }
      int most = settings.connectionPool().maxConcurrentStreams().orElse(Integer.MAX_VALUE);
      return active < Math.min(most, streams() - wasted);
    }

    private void offer() {
      if (!offered && !retired && !ended() && hasRoom()) {
        offered = true;
        free.addLast(this);
      }
    }

    private void withdraw() {
      if (offered) {
        offered = false;
        free.removeLastOccurrence(this);
      }
    }

    Lease lease() {
      boolean reused = served > 0;
      active++;
      served++;
      int most = settings.connectionPool().maxRequestsPerConnection().orElse(Integer.MAX_VALUE);
      if (served >= most) {
        retired = true;
      }
      if (retired || !hasRoom()) {
        withdraw();
      }
      return new PooledLease(this, reused);
    }

    @Override
    void returned(boolean reusable) {
      active--;
      if (!reusable && !multiplexed) {
        retired = true;
      }
      if (retired) {
        closeWhenIdle();
        return;
      }
      if (active == 0) {
        idleSince = loop.ticker().nanos();
      }
      offer();
      serve();
    }

    @Override
    void retire() {
      retired |= !ended(); // otherwise how it ended tells of its server
      withdraw();
      closeWhenIdle();
    }

    private void closeWhenIdle() {
      if (active == 0) {
        connection.close();
      }
    }
  }
}
