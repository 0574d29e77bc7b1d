package dev.weft.routing.transport.redis;

import dev.weft.config.model.settings.Redis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisStandaloneConnectOptions;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Opens connections to a Redis that know the script. {@code rediss} verifies the server's name and
 * certificate; the password is read anew for each connection.
 *
 * <p>A client of its own for each connection, since that of a pool cannot be closed while it hangs:
 * checked against vertx-redis-client 5.0.7.
 */
final class RedisConnector {

  /** Commands that may be under way on one connection. */
  static final int MOST_UNDER_WAY = 1024;

  private static final int PATIENCE_MILLIS = 1000;
  private static final String FIRST_KEY = "weft:limit:"; // full again after a microsecond

  /**
   * The generic cell rate algorithm, by the clock of Redis, which all proxies share: of each bucket
   * only the time is kept at which it is full again, in microseconds, and for no longer. Returns
   * how long that is, from 0 up, or where nothing was left, -1 less that long. Integers of this
   * size are exact in Lua's numbers. A time far off (of a larger limit, or of another clock) is cut
   * to a whole bucket.
   */
  private static final String SCRIPT =
      """
      local clock = redis.call('TIME')
      local now = clock[1] * 1000000 + clock[2]
      local interval, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
      local full = tonumber(redis.call('GET', KEYS[1]) or now)
      full = math.min(math.max(full, now), now + capacity)
      local after = full + interval
      if after > now + capacity then
        return -1 - (full - now)
      end
      redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
      return after - now
      """;

  private final Vertx vertx;
  private final Redis redis;

  RedisConnector(Vertx vertx, Redis redis) {
    this.vertx = vertx;
    this.redis = redis;
  }

  /** A connection; one is no other. */
  static final class Opened {

    private final io.vertx.redis.client.Redis client;
    private final RedisConnection connection;
    private final String script;

    private Opened(io.vertx.redis.client.Redis client, RedisConnection connection, String script) {
      this.client = client;
      this.connection = connection;
      this.script = script;
    }

    RedisConnection connection() {
      return connection;
    }

    /** Names the script, in commands. */
    String script() {
      return script;
    }

    void close() {
      client.close();
    }
  }

  /** On the event loop that calls; within a second, or it fails. */
  Future<Opened> open() {
    return Future.succeededFuture().compose(begin -> openNow()); // what it throws is a failure too
  }

  private Future<Opened> openNow() {
    io.vertx.redis.client.Redis client =
        io.vertx.redis.client.Redis.createStandaloneClient(vertx, options(), this::credentials);
    return client
        .connect()
        .compose(
            connection ->
                connection
                    .send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(SCRIPT))
                    .map(script -> new Opened(client, connection, script.toString())))
        .compose(RedisConnector::tried)
        .timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(failed -> client.close());
  }

  /**
   * Whether it may be asked at all, and so that the first request does not wait for our classes.
   */
  private static Future<Opened> tried(Opened opened) {
    return opened.connection().send(named(opened.script(), FIRST_KEY, 1, 1)).map(opened);
  }

  /** The script itself, for a Redis that forgot it. */
  static Request whole(String key, long intervalMicros, long capacityMicros) {
    return arguments(Request.cmd(Command.EVAL).arg(SCRIPT), key, intervalMicros, capacityMicros);
  }

  static Request named(String script, String key, long intervalMicros, long capacityMicros) {
    return arguments(Request.cmd(Command.EVALSHA).arg(script), key, intervalMicros, capacityMicros);
  }

  private static Request arguments(
      Request request, String key, long intervalMicros, long capacityMicros) {
    return request.arg("1").arg(key).arg(intervalMicros).arg(capacityMicros);
  }

  private RedisOptions options() {
    NetClientOptions net = new NetClientOptions().setConnectTimeout(PATIENCE_MILLIS);
    if (URI.create(redis.url()).getScheme().equals("rediss")) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
      if (!redis.caCertificates().isEmpty()) {
        net.setTrustOptions(new PemTrustOptions().addCertPath(redis.caCertificates()));
      }
    }
    return new RedisOptions().setNetClientOptions(net).setMaxPoolSize(1).setMaxPoolWaiting(1);
  }

  private Future<RedisStandaloneConnectOptions> credentials() {
    RedisStandaloneConnectOptions options =
        new RedisStandaloneConnectOptions()
            .setConnectionString(redis.url())
            .setMaxWaitingHandlers(MOST_UNDER_WAY);
    if (redis.passwordFile().isEmpty()) {
      return Future.succeededFuture(options);
    }
    return vertx
        .fileSystem()
        .readFile(redis.passwordFile())
        .map(read -> options.setPassword(read.toString(StandardCharsets.UTF_8).strip()));
  }
}
