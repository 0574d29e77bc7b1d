package dev.weft.routing.transport.redis;

import dev.weft.config.model.settings.Redis;
import dev.weft.routing.resilience.rate.SharedBuckets.Taken;
import dev.weft.routing.transport.redis.RedisLine.Refused;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisStandaloneConnectOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to a Redis that know the script. {@code rediss} verifies the server's name and
 * certificate; the password is read anew for each connection.
 *
 * <p>A client of its own for each connection, since that of a pool cannot be closed while it hangs:
 * checked against vertx-redis-client 5.0.7.
 */
final class RedisConnector implements Supplier<Future<RedisLine>> {

  /** Commands that may be under way on one connection. */
  static final int MOST_UNDER_WAY = 1024;

  private static final int PATIENCE_MILLIS = 1000;
  private static final long MOST_PASSWORD_BYTES = 4096;
  private static final String POOL = "redis"; // a name for each client would be a meter for each
  private static final String FIRST_KEY = "weft:limit:"; // full again after a microsecond

  /**
   * The generic cell rate algorithm, by the clock of Redis, which all proxies share: of each bucket
   * only the time is kept at which it is full again, in microseconds, and for no longer. Returns
   * how long that is, from 0 up, or where nothing was left, -1 less that long. Integers of this
   * size are exact in Lua's numbers. A time far off (of a larger limit, or of another clock) is cut
   * to a whole bucket, and what is no time is none.
   */
  private static final String SCRIPT =
      """
      local clock = redis.call('TIME')
      local now = clock[1] * 1000000 + clock[2]
      local interval, capacity = tonumber(ARGV[1]), tonumber(ARGV[2])
      local full = tonumber(redis.call('GET', KEYS[1]) or now)
      if full == nil or full ~= full then
        full = now
      end
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

  private record Line(io.vertx.redis.client.Redis client, RedisConnection connection, String script)
      implements RedisLine {

    @Override
    public Future<Taken> take(String key, long intervalMicros, long capacityMicros) {
      Request named = Request.cmd(Command.EVALSHA).arg(script);
      return connection
          .send(arguments(named, key, intervalMicros, capacityMicros))
          .recover(
              failed -> {
                Request whole = Request.cmd(Command.EVAL).arg(SCRIPT);
                return forgotten(failed)
                    ? connection.send(arguments(whole, key, intervalMicros, capacityMicros))
                    : Future.failedFuture(failed);
              })
          .transform(answer -> taken(answer, capacityMicros));
    }

    @Override
    public Future<Taken> probe() {
      return take(FIRST_KEY, 1, 1);
    }

    @Override
    public void onEnd(Consumer<String> told) {
      connection.exceptionHandler(broken -> told.accept(String.valueOf(broken.getMessage())));
      connection.endHandler(end -> told.accept("the connection ended"));
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private static Request arguments(
      Request request, String key, long intervalMicros, long capacityMicros) {
    return request.arg("1").arg(key).arg(intervalMicros).arg(capacityMicros);
  }

  /** It was started anew, or told to forget its scripts. */
  private static boolean forgotten(Throwable failed) {
    return String.valueOf(failed.getMessage()).startsWith("NOSCRIPT");
  }

  private static Future<Taken> taken(AsyncResult<Response> answer, long capacityMicros) {
    if (answer.failed()) {
      Throwable why = answer.cause();
      boolean said = why instanceof Response; // otherwise the connection failed
      return Future.failedFuture(said ? new Refused(String.valueOf(why.getMessage())) : why);
    }
    @Nullable Response number = answer.result();
    if (number == null || number.type() != ResponseType.NUMBER) {
      return Future.failedFuture(new Refused("no number"));
    }
    long told = number.toLong();
    boolean passes = told >= 0;
    return Future.succeededFuture(
        new Taken(passes, Math.min(passes ? told : -1 - told, capacityMicros)));
  }

  /** Opens one, on the event loop that calls; within a second, or it fails. */
  @Override
  public Future<RedisLine> get() {
    return Future.succeededFuture().compose(begin -> open()); // what it throws is a failure too
  }

  private Future<RedisLine> open() {
    io.vertx.redis.client.Redis client =
        io.vertx.redis.client.Redis.createStandaloneClient(vertx, options(), this::credentials);
    return client
        .connect()
        .compose(
            connection ->
                connection
                    .send(Request.cmd(Command.SCRIPT).arg("LOAD").arg(SCRIPT))
                    .<RedisLine>map(script -> new Line(client, connection, String.valueOf(script))))
        .compose(line -> line.probe().map(line)) // also so that nobody waits for our classes
        .timeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(failed -> client.close());
  }

  private RedisOptions options() {
    NetClientOptions net = new NetClientOptions().setConnectTimeout(PATIENCE_MILLIS);
    if (URI.create(redis.url()).getScheme().equals("rediss")) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
      if (!redis.caCertificates().isEmpty()) {
        net.setTrustOptions(new PemTrustOptions().addCertPath(redis.caCertificates()));
      }
    }
    return new RedisOptions()
        .setNetClientOptions(net)
        .setTracingPolicy(TracingPolicy.IGNORE) // requests wait for it
        .setPoolName(POOL)
        .setMaxPoolSize(1)
        .setMaxPoolWaiting(1);
  }

  private Future<RedisStandaloneConnectOptions> credentials() {
    RedisStandaloneConnectOptions options =
        new RedisStandaloneConnectOptions()
            .setConnectionString(redis.url())
            .setMaxWaitingHandlers(MOST_UNDER_WAY + 1); // and the probe
    return redis.passwordFile().isEmpty()
        ? Future.succeededFuture(options)
        : password().map(options::setPassword);
  }

  /** One short line: no other file is sent to where a configuration says. */
  private Future<String> password() {
    String path = redis.passwordFile();
    return vertx
        .fileSystem()
        .props(path)
        .compose(
            known ->
                known.isRegularFile() && known.size() <= MOST_PASSWORD_BYTES
                    ? vertx.fileSystem().readFile(path)
                    : Future.failedFuture(path + ": no file of one password"))
        .map(read -> read.toString(StandardCharsets.UTF_8).strip())
        .compose(
            read ->
                read.isEmpty() || read.indexOf('\n') >= 0
                    ? Future.failedFuture(path + ": no file of one password")
                    : Future.succeededFuture(read));
  }
}
