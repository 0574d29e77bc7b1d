package dev.weft.routing.telemetry.tcp;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.tcp.ConnectionEntry.Trouble;
import dev.weft.routing.telemetry.tcp.ConnectionEntry.Way;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Notes connections that are not HTTP in the access log, where it is on: one line when one ends.
 * Any thread may enter.
 */
public final class ConnectionLog {

  private final Optional<AccessLog> log;
  private final Supplier<Optional<String>> config;
  private final Ticker ticker;

  /**
   * @param log empty where the access log is off
   * @param config version of the configuration that serves; empty where it wants nothing logged
   */
  public ConnectionLog(Optional<AccessLog> log, Supplier<Optional<String>> config, Ticker ticker) {
    this.log = log;
    this.config = config;
    this.ticker = ticker;
  }

  /**
   * Begins to note a connection.
   *
   * @param seed of the connection
   */
  public Note begin(Caller caller, long seed) {
    Optional<String> version = log.isPresent() ? config.get() : Optional.empty();
    return version.isPresent() ? new Kept(log.get(), ticker, caller, seed, version.get()) : NOTHING;
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

    private final AccessLog log;
    private final Ticker ticker;
    private final Caller caller;
    private final long seed;
    private final String config;
    private final long began;
    private Way way = Way.NONE;
    private Optional<Trouble> trouble = Optional.empty();
    private long in;
    private long out;

    Kept(AccessLog log, Ticker ticker, Caller caller, long seed, String config) {
      this.log = log;
      this.ticker = ticker;
      this.caller = caller;
      this.seed = seed;
      this.config = config;
      this.began = ticker.nanos();
    }

    @Override
    public void carried(String route, ClusterName cluster, String endpoint, int attempts) {
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
      long nanos = Math.max(0, ticker.nanos() - began);
      log.offer(
          new ConnectionEntry(
              ticker.epochMillis(), nanos, caller, in, out, way, seed, trouble, config));
    }
  }
}
