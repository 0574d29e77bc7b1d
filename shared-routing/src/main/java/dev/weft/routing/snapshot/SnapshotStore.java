package dev.weft.routing.snapshot;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.discovery.Said;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.telemetry.RequestSignals;
import dev.weft.routing.telemetry.line.LineRules;
import dev.weft.routing.telemetry.refusal.RefusalLog;
import dev.weft.routing.telemetry.tcp.ConnectionLog;
import dev.weft.routing.telemetry.tcp.ConnectionLog.Serving;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The snapshot that serves now. Any thread may read; one thread publishes. */
public final class SnapshotStore {

  private volatile @Nullable Snapshot current;
  private volatile Serving logging = new Serving("-", false);
  private volatile Consumer<Snapshot> told = snapshot -> {};
  private volatile Function<String, Optional<String>> namespaces = host -> Optional.empty();

  /** Has somebody told of each version before it serves, on the thread that publishes. */
  public void onPublish(Consumer<Snapshot> listener) {
    told = listener;
  }

  /** Empty before the first. */
  public Optional<Snapshot> current() {
    return Optional.ofNullable(current);
  }

  /** Where the ServiceEntry of a host stands: {@link Said#namespaces} of what serves. */
  public Function<String, Optional<String>> namespaces() {
    return namespaces;
  }

  /** Notes connections where requests are, as the snapshot wants that serves when one begins. */
  public ConnectionLog log(RequestSignals requests, Ticker ticker) {
    return new ConnectionLog(requests.log(), requests.tap(), () -> logging, ticker);
  }

  /** Notes what is refused before that, likewise. */
  public RefusalLog refusals(RequestSignals requests, Ticker ticker) {
    return new RefusalLog(
        requests.log(), requests.tap(), () -> logging, log(requests, ticker), ticker);
  }

  /** From now on new requests are served by it. */
  public void publish(Snapshot snapshot) {
    LineRules rules = new LineRules(snapshot.settings().log(), System.getenv());
    namespaces = snapshot.said().namespaces();
    logging = new Serving(Long.toString(snapshot.version()), rules.on(), rules);
    Snapshot before = current;
    if (before == null || before.version() != snapshot.version()) {
      told.accept(snapshot);
    }
    current = snapshot;
  }

  /**
   * Serves each exchange by the snapshot of its first byte.
   *
   * @param place which of a snapshot's services; null where the snapshot has none there
   */
  public Service service(Function<Snapshot, @Nullable Service> place) {
    return exchange -> serve(exchange, place);
  }

  private Future<Response> serve(Exchange exchange, Function<Snapshot, @Nullable Service> place) {
    Snapshot now = current;
    Service service = now == null ? null : place.apply(now);
    return now == null || service == null
        ? Future.failedFuture(
            new ProxyFailure(Cause.NO_ROUTE, "no configuration serves this port (yet)"))
        : now.explaining().serve(exchange, service, service instanceof Routing);
  }
}
