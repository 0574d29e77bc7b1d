package dev.weft.routing.telemetry.tcp;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.ClusterName.Direction;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.Tap;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.tcp.ConnectionEntry.Trouble;
import dev.weft.routing.telemetry.tcp.ConnectionEntry.Way;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Tells of connections that are not HTTP when they end: one line in the access log, where it is on,
 * and the same to those who watch. Any thread may enter.
 */
public final class ConnectionLog {

  private final Optional<AccessLog> log;
  private final Tap tap;
  private final Supplier<Serving> serving;
  private final Ticker ticker;

  /**
   * The configuration that serves.
   *
   * @param logged whether it wants connections logged
   * @param rules which ones, and how
   */
  public record Serving(String version, boolean logged, LineRules rules) {

    /** With the rules that hold where nothing is said. */
    public Serving(String version, boolean logged) {
      this(version, logged, LineRules.DEFAULT);
    }
  }

  /**
   * @param log empty where the access log is off
   */
  public ConnectionLog(Optional<AccessLog> log, Tap tap, Supplier<Serving> serving, Ticker ticker) {
    this.log = log;
    this.tap = tap;
    this.serving = serving;
    this.ticker = ticker;
  }

  /**
   * Begins to note a connection, where somebody wants to know of it by now.
   *
   * @param seed of the connection
   */
  public Note begin(Caller caller, long seed) {
    boolean watched = tap.watched();
    if (log.isEmpty() && !watched) {
      return NOTHING;
    }
    Serving now = serving.get();
    return watched || (now.logged && log.isPresent()) ? new Kept(this, now, caller, seed) : NOTHING;
  }

  private void tell(ConnectionEntry entry, boolean logged) {
    if (logged) {
      log.ifPresent(on -> on.offer(entry));
    }
    tap.publish(entry);
  }

  /** What is noted of one connection, on its event loop. */
  public interface Note {

    /**
     * It is carried.
     *
     * @param route name of the rule that says so; empty where none does
     * @param attempts endpoints that were tried
     */
    void carried(String route, ClusterName cluster, String endpoint, int attempts);

    /** What counts the bytes that its caller sends, besides {@code other}. */
    LongConsumer received(LongConsumer other);

    /** What counts the bytes that go to its caller, besides {@code other}. */
    LongConsumer sent(LongConsumer other);

    /** It is not carried, or does not end well; the first cause counts. */
    void trouble(String cause, String detail);

    /** It ended; once. */
    void ended();
  }

  /** Of a connection that nobody wants to know of. */
  public static final Note NOTHING =
      new Note() {
        @Override
        public void carried(String route, ClusterName cluster, String endpoint, int attempts) {}

        @Override
        public LongConsumer received(LongConsumer other) {
          return other;
        }

        @Override
        public LongConsumer sent(LongConsumer other) {
          return other;
        }

        @Override
        public void trouble(String cause, String detail) {}

        @Override
        public void ended() {}
      };

  private static final class Kept implements Note {

    private final ConnectionLog log;
    private final Serving serving;
    private final Caller caller;
    private final long seed;
    private final long began;
    private Way way = Way.NONE;
    private boolean incoming; // as far as it is known
    private Optional<Trouble> trouble = Optional.empty();
    private long in;
    private long out;

    Kept(ConnectionLog log, Serving serving, Caller caller, long seed) {
      this.log = log;
      this.serving = serving;
      this.caller = caller;
      this.seed = seed;
      this.began = log.ticker.nanos();
    }

    @Override
    public void carried(String route, ClusterName cluster, String endpoint, int attempts) {
      incoming = cluster.direction() == Direction.INBOUND;
      way = new Way(route.isEmpty() ? "-" : route, cluster.toString(), endpoint, attempts);
    }

    @Override
    public LongConsumer received(LongConsumer other) {
      return bytes -> {
        in += bytes;
        other.accept(bytes);
      };
    }

    @Override
    public LongConsumer sent(LongConsumer other) {
      return bytes -> {
        out += bytes;
        other.accept(bytes);
      };
    }

    @Override
    public void trouble(String cause, String detail) {
      if (trouble.isEmpty()) {
        trouble = Optional.of(new Trouble(cause, detail));
      }
    }

    @Override
    public void ended() {
      long nanos = Math.max(0, log.ticker.nanos() - began);
      ConnectionEntry entry =
          new ConnectionEntry(
              log.ticker.epochMillis(),
              nanos,
              caller,
              in,
              out,
              way,
              seed,
              trouble,
              serving.version,
              serving.rules);
      log.tell(entry, serving.logged && serving.rules.wants(incoming, entry));
    }
  }
}
