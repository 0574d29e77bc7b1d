package dev.weft.routing.transport;

import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one endpoint in one protocol. HTTP/1.1 has one attempt a
 * connection, HTTP/2 as many as the peer allows; the connection that was used last is used next, so
 * that idle ones can go. Only its event loop may enter.
 */
final class Pool {

  private static final int MOST_WAITING = 1024;

  private final Endpoint endpoint;
  private final boolean http2;
  private final Connector connector;
  private final ConnectionLimits limits;
  private final Ticker ticker;
  private final Deque<Pooled> free = new ArrayDeque<>(); // with room for one more attempt
  private final List<Pooled> all = new ArrayList<>();
  private final Deque<Promise<Lease>> waiting = new ArrayDeque<>();
  private UpstreamSettings settings;
  private int opening;

  Pool(
      Endpoint endpoint,
      boolean http2,
      Connector connector,
      ConnectionLimits limits,
      Ticker ticker,
      UpstreamSettings settings) {
    this.endpoint = endpoint;
    this.http2 = http2;
    this.connector = connector;
    this.limits = limits;
    this.ticker = ticker;
    this.settings = settings;
  }

  /** A connection with room, a new one, or the next that gets room. */
  Future<Lease> acquire(UpstreamSettings now) {
    settings = now;
    Pooled pooled = free.peekLast();
    if (pooled != null) {
      return Future.succeededFuture(pooled.lease());
    }
    ConnectionPool pool = now.connectionPool();
    if (waiting.size() >= pool.maxPendingRequests().orElse(MOST_WAITING)) {
      return Future.failedFuture(overflow("too many wait for a connection"));
    }
    Promise<Lease> promise = Promise.promise();
    waiting.addLast(promise);
    if (!http2 || opening == 0) {
      open();
    }
    if (opening == 0 && all.isEmpty()) {
      waiting.remove(promise);
      return Future.failedFuture(overflow("the limit of connections is reached"));
    }
    return promise.future();
  }

  /** Takes back a wait whose exchange is over. */
  void forget(Promise<Lease> promise) {
    waiting.remove(promise);
  }

  private ProxyFailure overflow(String why) {
    return new ProxyFailure(Cause.OVERFLOW, "endpoint " + endpoint.address() + ": " + why);
  }

  private void open() {
    ConnectionPool pool = settings.connectionPool();
    boolean none = all.isEmpty() && opening == 0;
    if (!limits.opens(settings.name(), pool.maxConnections(), none)) {
      return;
    }
    opening++;
    connector.connect(endpoint, settings, http2).onSuccess(this::opened).onFailure(this::failed);
  }

  private void opened(HttpClientConnection connection) {
    opening--;
    Pooled pooled = new Pooled(connection, ticker.nanos());
    all.add(pooled);
    free.addLast(pooled);
    connection.closeHandler(closed -> gone(pooled));
    if (http2) {
      retireOnGoAway(connection, pooled);
    }
    serve();
  }

  private static void retireOnGoAway(HttpClientConnection connection, Pooled pooled) {
    try {
      connection.goAwayHandler(goAway -> pooled.retire());
    } catch (UnsupportedOperationException e) {
      // the peer chose HTTP/1.1 by ALPN: one attempt at a time, as its maxActiveStreams says
    }
  }

  private void failed(Throwable cause) {
    opening--;
    limits.closed(settings.name());
    Promise<Lease> first = waiting.pollFirst();
    if (first != null) {
      first.tryFail(cause);
    }
    if (http2) {
      // one attempt to connect spoke for all who wait
      while (!waiting.isEmpty()) {
        waiting.removeFirst().tryFail(cause);
      }
    }
  }

  private void gone(Pooled pooled) {
    free.remove(pooled);
    if (all.remove(pooled)) {
      limits.closed(settings.name());
      if (!waiting.isEmpty() && opening == 0) {
        open();
      }
    }
  }

  private void serve() {
    while (!waiting.isEmpty()) {
      Pooled pooled = free.peekLast();
      if (pooled == null) {
        if (opening == 0) {
          open();
        }
        return;
      }
      Lease lease = pooled.lease();
      if (!waiting.removeFirst().tryComplete(lease)) {
        lease.release(true);
      }
    }
  }

  /** Closes what was idle for too long, or is too old. */
  void sweep() {
    long now = ticker.nanos();
    ConnectionPool pool = settings.connectionPool();
    Duration idle = pool.httpIdleTimeout().isZero() ? Duration.ofDays(365) : pool.httpIdleTimeout();
    for (Pooled pooled : List.copyOf(all)) {
      boolean old =
          pool.maxConnectionDuration()
              .filter(longest -> now - pooled.openedNanos > longest.toNanos())
              .isPresent();
      if (old || (pooled.active == 0 && now - pooled.idleSince > idle.toNanos())) {
        pooled.retire();
      }
    }
  }

  /** Lets each connection finish what it does, and opens no more for it. */
  void drain() {
    List.copyOf(all).forEach(Pooled::retire);
  }

  boolean empty() {
    return all.isEmpty() && opening == 0 && waiting.isEmpty();
  }

  int connections() {
    return all.size();
  }

  /** One connection and how many attempts are on it. */
  private final class Pooled {

    private final HttpClientConnection connection;
    private final long openedNanos;
    private long idleSince;
    private int active;
    private int served;
    private boolean retired;

    Pooled(HttpClientConnection connection, long now) {
      this.connection = connection;
      this.openedNanos = now;
      this.idleSince = now;
    }

    private int room() {
      return http2 ? (int) Math.min(Integer.MAX_VALUE, connection.maxActiveStreams()) : 1;
    }

    Lease lease() {
      boolean reused = served > 0;
      active++;
      served++;
      int most = settings.connectionPool().maxRequestsPerConnection().orElse(Integer.MAX_VALUE);
      if (served >= most) {
        retired = true;
      }
      if (retired || active >= room()) {
        free.remove(this);
      }
      return new PooledLease(this, reused);
    }

    void returned(boolean reusable) {
      active--;
      idleSince = ticker.nanos();
      if (!reusable && !http2) {
        retired = true;
      }
      if (retired) {
        closeWhenIdle();
      } else if (all.contains(this) && !free.contains(this)) {
        free.addLast(this);
        serve();
      }
    }

    void retire() {
      retired = true;
      free.remove(this);
      closeWhenIdle();
    }

    private void closeWhenIdle() {
      if (active == 0) {
        connection.close();
      }
    }
  }

  private static final class PooledLease implements Lease {

    private final boolean reused;
    private @Nullable Pooled pooled;
    private final HttpClientConnection connection;

    PooledLease(Pooled pooled, boolean reused) {
      this.pooled = pooled;
      this.connection = pooled.connection;
      this.reused = reused;
    }

    @Override
    public HttpClientConnection connection() {
      return connection;
    }

    @Override
    public boolean reused() {
      return reused;
    }

    @Override
    public void release(boolean reusable) {
      Pooled mine = pooled;
      pooled = null;
      if (mine != null) {
        mine.returned(reusable);
      }
    }
  }
}
