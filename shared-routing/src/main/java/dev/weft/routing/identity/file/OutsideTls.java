package dev.weft.routing.identity.file;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ClientTls;
import dev.weft.routing.clock.Ticker;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ClientSSLOptions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * TLS of connections to the outside, as DestinationRules say (SIMPLE and MUTUAL). Their files are
 * looked at on a worker before a new connection, at most once a second, so that a connection shows
 * and trusts what they hold now; nothing is looked at where no connection is opened. The same
 * options as long as the files hold the same, since new ones are a new TLS context.
 *
 * <p>Any thread may ask.
 */
public final class OutsideTls {

  private final Ticker ticker;
  private final Map<ClientTls, ClientFiles> known = new ConcurrentHashMap<>();

  public OutsideTls(Ticker ticker) {
    this.ticker = ticker;
  }

  /**
   * For one {@code tls} block. Call on the context that is to go on with it.
   *
   * @return fails with a sentence where its files cannot be used and never could be
   */
  public Future<ClientSSLOptions> optionsFor(ClientTls settings, Vertx vertx) {
    return files(settings).options(vertx);
  }

  /** As {@link #optionsFor}, for connections that are not HTTP. May come from another thread. */
  public Future<SslContext> contextFor(ClientTls settings, Vertx vertx) {
    return files(settings).context(vertx);
  }

  private ClientFiles files(ClientTls settings) {
    return known.computeIfAbsent(settings, named -> new ClientFiles(named, ticker));
  }

  /** Forgets what a configuration does not name. */
  public void retain(MeshConfig config) {
    if (known.isEmpty()) {
      return;
    }
    Set<ClientTls> named = new HashSet<>();
    config.destinationRules().stream()
        .flatMap(OutsideTls::policies)
        .forEach(policy -> policy.tls().ifPresent(named::add));
    known.keySet().retainAll(named);
  }

  /** How many it knows. */
  int size() {
    return known.size();
  }

  private static Stream<TrafficPolicy> policies(DestinationRule rule) {
    Stream<TrafficPolicy> finer =
        rule.subsets().stream()
            .map(DestinationRule.Subset::trafficPolicy)
            .flatMap(Optional::stream);
    return Stream.concat(Stream.of(rule.trafficPolicy()), finer)
        .flatMap(policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()));
  }
}
