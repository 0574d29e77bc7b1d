package dev.weft.routing.transport;

import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.routing.resilience.KeepAlive;
import dev.weft.routing.transport.http1.LastReading;
import dev.weft.routing.transport.http2.Streams;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The use of a pool's connection, which goes back to it once. */
final class PooledLease implements Lease {

  private static final long MOST_WASTED = 4; // one stream of so many, then another one is better

  private final boolean reused;
  private final Held pooled;
  private final int heardBefore;
  private @Nullable Held holder;

  PooledLease(Held pooled, boolean reused) {
    this.holder = pooled;
    this.pooled = pooled;
    this.reused = reused;
    this.heardBefore = pooled.heard;
  }

  @Override
  public HttpClientConnection connection() {
    return pooled.connection;
  }

  @Override
  public boolean multiplexed() {
    return pooled.multiplexed();
  }

  @Override
  public boolean reused() {
    return reused;
  }

  @Override
  public void announced(@Nullable String header) {
    pooled.keepAlive.announced(header);
  }

  @Override
  public void wasted() {
    pooled.wasted++;
    if (pooled.multiplexed() && pooled.wasted * MOST_WASTED >= pooled.streams()) {
      pooled.retire();
    }
  }

  @Override
  public void answered() {
    pooled.heard++;
  }

  @Override
  public void silent() {
    if (pooled.multiplexed() && pooled.heard == heardBefore) {
      pooled.retire();
    }
  }

  @Override
  public boolean excused() {
    if (!pooled.multiplexed()) {
      return reused;
    }
    boolean excused = pooled.excused < pooled.heard;
    if (excused) {
      pooled.excused++;
    }
    return excused;
  }

  @Override
  public boolean tellsOfEnd() {
    boolean first = !pooled.endTold;
    pooled.endTold = true;
    return first;
  }

  @Override
  public Optional<String> introduction() {
    return pooled.introduction();
  }

  @Override
  public boolean mayHaveTaken(HttpClientRequest request) {
    OptionalInt stream = Streams.number(request);
    if (stream.isEmpty()) {
      pooled.retire();
    }
    return stream.isPresent() && stream.getAsInt() <= pooled.lastAccepted;
  }

  @Override
  public void lastReading(Runnable reader, boolean upgraded) {
    if (holder != null) {
      pooled.end.read(reader);
    }
    if (upgraded) {
      LastReading.outlastsWriting(pooled.channel);
    }
  }

  @Override
  public void release(boolean reusable) {
    Held mine = holder;
    holder = null;
    if (mine != null) {
      mine.end.unread();
      mine.returned(reusable);
    }
  }

  /** One connection, how many attempts are on it, and since when there are none. */
  abstract static class Held {

    final HttpClientConnection connection;
    final KeepAlive keepAlive;
    int lastAccepted = Integer.MAX_VALUE;
    int active;
    int served;
    int heard; // answers over HTTP/2
    int wasted; // streams
    int excused; // attempts over HTTP/2 that its end took with it
    boolean endTold;
    long idleSince;
    final LastReading end;
    private final Channel channel;
    private final long openedNanos;
    private Optional<String> introduction; // until it was sent

    Held(
        HttpClientConnection connection,
        KeepAlive keepAlive,
        Optional<String> introduction,
        long now) {
      this.connection = connection;
      this.channel = InterimAnswers.context(connection).channel();
      this.end = LastReading.of(channel);
      this.keepAlive = keepAlive;
      this.introduction = introduction;
      this.idleSince = now;
      this.openedNanos = now;
    }

    /** It is closed, of which its loop is told a moment later: what comes meanwhile is lost. */
    boolean ended() {
      return !channel.isActive();
    }

    /** As many as may be open at once. */
    long streams() {
      return connection.maxActiveStreams();
    }

    /** It is idle for too long, or open. */
    boolean overdue(ConnectionPool limits, long now) {
      boolean idle = active == 0 && now - idleSince > KeepAlive.ours(limits).toNanos();
      return idle
          || limits
              .maxConnectionDuration()
              .filter(longest -> now - openedNanos > longest.toNanos())
              .isPresent();
    }

    /** More were not under way at once for so long: the one used last is used next. */
    boolean spare(long now) {
      return active == 0 && now - idleSince > KeepAlive.SPARE.toNanos();
    }

    boolean stale(long now) {
      return active == 0 && keepAlive.stale(now - idleSince, now);
    }

    /** One that carries several at once says when it closes. */
    boolean doubtful(long now) {
      return active == 0 && !multiplexed() && keepAlive.doubtful(now - idleSince, served, now);
    }

    /** Its peer closed it. */
    void closed(long now) {
      if (kept()) {
        keepAlive.closed(now - idleSince, served, now);
      }
    }

    /** It is there. */
    void lasts(long now) {
      if (kept() && !multiplexed()) {
        keepAlive.outlived(now - idleSince, now);
      }
    }

    /** A server may wait longer for a first request. */
    private boolean kept() {
      return active == 0 && served > 0;
    }

    /** Whether it carries several attempts at once. */
    abstract boolean multiplexed();

    /** The first time alone. */
    private Optional<String> introduction() {
      Optional<String> due = introduction;
      introduction = Optional.empty();
      return due;
    }

    abstract void returned(boolean reusable);

    /** Takes no more; it closes once nothing is on it. */
    abstract void retire();
  }
}
