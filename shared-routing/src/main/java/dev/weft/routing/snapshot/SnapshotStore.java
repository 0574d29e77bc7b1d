package dev.weft.routing.snapshot;

import dev.weft.config.model.settings.Log.Access;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Exchange;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.exchange.ProxyFailure.Cause;
import dev.weft.routing.exchange.Response;
import dev.weft.routing.exchange.Service;
import dev.weft.routing.telemetry.AccessLog;
import dev.weft.routing.telemetry.tcp.ConnectionLog;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The snapshot that serves now. Any thread may read; one thread publishes. */
public final class SnapshotStore {

  private volatile @Nullable Snapshot current;

  /** Empty before the first. */
  public Optional<Snapshot> current() {
    return Optional.ofNullable(current);
  }

  /** Notes connections as the snapshot wants that serves when one begins. */
  public ConnectionLog logging(Optional<AccessLog> log, Ticker ticker) {
    return new ConnectionLog(
        log,
        () ->
            current()
                .filter(now -> now.settings().log().access() != Access.OFF)
                .map(now -> Long.toString(now.version())),
        ticker);
  }

  /** From now on new requests are served by it. */
  public void publish(Snapshot snapshot) {
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
    return service == null
        ? Future.failedFuture(
            new ProxyFailure(Cause.NO_ROUTE, "no configuration serves this port (yet)"))
        : service.serve(exchange);
  }
}
