package dev.weft.routing.transport;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.transport.http2.Authorities;
import dev.weft.routing.transport.http2.Cookies;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends attempts over pools of its own, one for each endpoint and protocol. Created on the event
 * loop that it belongs to; only that loop may enter.
 */
public final class PooledUpstreamClient implements UpstreamClient {

  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final String GRPC = "application/grpc";
  private static final String WEB = "application/grpc-web"; // what nobody translated: as it came

  private final Connector connector;
  private final ConnectionLimits limits;
  private final Loop loop;
  private final Map<Endpoint, Pool> http1 = new HashMap<>();
  private final Map<Endpoint, Pool> http2 = new HashMap<>();
  private boolean closed;

  /**
   * @param limits shared by all event loops
   */
  public PooledUpstreamClient(
      Vertx vertx, UpstreamCredentials credentials, ConnectionLimits limits, Loop loop) {
    this.connector = new Connector(vertx, credentials, limits.own());
    this.limits = limits;
    this.loop = loop;
    loop.timers().after(SWEEP, this::sweep);
  }

  @Override
  public Future<Response> send(
      Exchange exchange, UpstreamSettings settings, Endpoint endpoint, Attempt attempt) {
    exchange.attempt(endpoint.address(), endpoint.labels(), endpoint.principal());
    if (closed) {
      return Future.failedFuture(new ProxyFailure(Cause.DRAINING, "this proxy ends"));
    }
    boolean own = speaksHttp2(exchange.request(), settings, endpoint.tls());
    boolean carried = !own && carried(exchange.request(), settings, endpoint.tls());
    Pool pool = pool(endpoint, settings, own || carried);
    AttemptRun run = new AttemptRun(exchange, endpoint, pool, carried, attempt);
    attempt.resetWith(run::giveUp);
    return run.start(settings);
  }

  /** A WebSocket, and what HTTP/2 would change, have a connection of their own. */
  private static boolean carried(Request request, UpstreamSettings settings, UpstreamTls tls) {
    return settings.multiplexes(tls)
        && !request.upgrade()
        && Authorities.same(request.authority())
        && Cookies.same(request.headers());
  }

  private static boolean speaksHttp2(Request request, UpstreamSettings settings, UpstreamTls tls) {
    if (request.upgrade()) {
      return false;
    }
    String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
    if (type != null && type.startsWith(GRPC) && !type.startsWith(WEB)) {
      return true;
    }
    return settings.speaksHttp2(tls)
        || (settings.http() == HttpChoice.AS_CLIENT && request.version() == HttpVersion.HTTP_2);
  }

  private Pool pool(Endpoint endpoint, UpstreamSettings settings, boolean wantsHttp2) {
    Map<Endpoint, Pool> pools = wantsHttp2 ? http2 : http1;
    Pool pool = pools.get(endpoint);
    if (pool == null) {
      pool = new Pool(endpoint, wantsHttp2, connector, limits, loop, settings);
      pools.put(endpoint, pool);
    }
    return pool;
  }

  private void sweep() {
    if (closed) {
      return;
    }
    for (Map<Endpoint, Pool> pools : List.of(http1, http2)) {
      pools.values().forEach(Pool::sweep);
      pools.values().removeIf(Pool::empty);
    }
    loop.timers().after(SWEEP, this::sweep);
  }

  private List<Pool> pools() {
    List<Pool> all = new ArrayList<>(http1.values());
    all.addAll(http2.values());
    return all;
  }

  /** Lets every connection finish and close, so that the next attempts open new ones. */
  public void drain() {
    pools().forEach(Pool::drain);
  }

  /** Connections of this loop. */
  public int connections() {
    return pools().stream().mapToInt(Pool::connections).sum();
  }

  /** Attempts of this loop that wait for a connection. */
  public int waiting() {
    return pools().stream().mapToInt(Pool::waiting).sum();
  }

  /** Closes everything; what is sent afterwards fails with DRAINING. */
  public Future<Void> close() {
    closed = true;
    pools().forEach(Pool::close);
    return connector.close();
  }
}
