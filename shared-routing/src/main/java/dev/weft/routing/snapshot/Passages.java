package dev.weft.routing.snapshot;

import dev.weft.config.model.TrafficPolicy;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls.Plaintext;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.resilience.CircuitBreaker;
import dev.weft.routing.resilience.RetryPolicy;
import dev.weft.routing.stage.RetryingService;
import dev.weft.routing.stage.UpstreamService;
import dev.weft.routing.transport.UpstreamClient;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Sends requests to where their connections were going before the kernel redirected them, in
 * plaintext and as they came. An address keeps its connections over changes of configuration; of
 * each event loop the {@link #MOST} addresses that were used last are known.
 *
 * <p>What is safe to repeat is tried again, as everywhere: a kept connection may end as it is used.
 * There is no breaker, since there is nobody else to ask.
 */
final class Passages {

  private static final int MOST = 1024;

  private final List<UpstreamClient> clients;
  private final Ticker ticker;
  private final BiFunction<InetAddress, Caller, Plaintext> how;
  private final List<Map<Place, Passage>> loops = new ArrayList<>(); // each its own

  /**
   * @param how a connection to it is opened
   */
  private record Place(InetSocketAddress to, Plaintext how) {}

  /** The way to one place. */
  private record Passage(Upstream upstream, Service service) {}

  /** Those of one loop; what was not used for longest goes first. */
  private static final class Known extends LinkedHashMap<Place, Passage> {
    private static final long serialVersionUID = 1;

    Known() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Place, Passage> eldest) {
      boolean full = size() > MOST;
      if (full) {
        eldest.getValue().upstream.leave();
      }
      return full;
    }
  }

  /**
   * @param how a connection to an address is opened, for a caller
   */
  Passages(
      List<UpstreamClient> clients, Ticker ticker, BiFunction<InetAddress, Caller, Plaintext> how) {
    this.clients = List.copyOf(clients);
    this.ticker = ticker;
    this.how = how;
    clients.forEach(loop -> loops.add(new Known()));
  }

  /**
   * What serves requests so.
   *
   * @param route what their log names
   * @param clusters by the port that was meant; the same ones for the same port
   */
  Service service(StageOrder order, String route, IntFunction<UpstreamSettings> clusters) {
    RouteId id = new RouteId(route, 0);
    Function<ClusterName, Service> chains = order.each(exchange -> send(exchange, clusters));
    return exchange -> {
      RequestHead head = exchange.request().head();
      int port = exchange.caller().destination().map(InetSocketAddress::getPort).orElse(0);
      ClusterName cluster = clusters.apply(port).name();
      exchange.decided(
          new Decision(
              id,
              new Forward(cluster, 0),
              head.target(),
              head.authority(),
              Optional.empty(),
              List.of()));
      return chains.apply(cluster).serve(exchange);
    };
  }

  @SuppressWarnings("ReferenceEquality") // a snapshot has one instance for each port
  private Future<Response> send(Exchange exchange, IntFunction<UpstreamSettings> clusters) {
    Optional<InetSocketAddress> meant = exchange.caller().destination();
    if (meant.isEmpty()) {
      return Future.failedFuture(
          new ProxyFailure(Cause.NO_CLUSTER, "nobody redirected its connection here"));
    }
    UpstreamSettings settings = clusters.apply(meant.get().getPort());
    InetSocketAddress to = meant.get();
    Place place = new Place(to, how.apply(to.getAddress(), exchange.caller()));
    Passage passage =
        loops
            .get(exchange.loop().index())
            .computeIfAbsent(place, absent -> passage(absent, settings));
    if (passage.upstream.settings() != settings) {
      passage.upstream.settings(settings); // of another snapshot
    }
    return passage.service.serve(exchange);
  }

  private Passage passage(Place place, UpstreamSettings settings) {
    Upstream upstream = new Upstream(settings, ticker, new Closed(), (endpoint, ejected) -> {});
    upstream.endpoints(new EndpointSet(List.of(endpoint(place)), ""));
    return new Passage(
        upstream, new RetryingService(RetryPolicy.DEFAULT, new UpstreamService(upstream, clients)));
  }

  private static Endpoint endpoint(Place place) {
    return new Endpoint(
        place.to.getAddress().getHostAddress(), place.to.getPort(), Map.of(), "", 1, place.how);
  }

  /** The cluster of all addresses outside that nothing is known of. */
  static UpstreamSettings outbound(TrafficPolicy policy) {
    return new UpstreamSettings(Redirection.PASSTHROUGH, policy, HttpChoice.AS_CLIENT);
  }

  /** A breaker that lets all go. */
  private static final class Closed implements CircuitBreaker {
    @Override
    public int admit() {
      return 1;
    }

    @Override
    public void succeeded(int admitted) {}

    @Override
    public void failed(int admitted) {}

    @Override
    public void abandoned(int admitted) {}

    @Override
    public State state() {
      return State.CLOSED;
    }
  }
}
