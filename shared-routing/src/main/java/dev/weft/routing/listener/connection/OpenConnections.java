package dev.weft.routing.listener.connection;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.listener.http1.CallerEnd;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All connections of a listener that speak HTTP. One on which no request is under way for too long
 * is closed, and cut where that does not come about until the next look, since its caller does not
 * read what was sent before; it looks at all of them now and then, so that a byte costs nothing.
 * One event loop's own.
 *
 * <p>Source: {@code ProxySettings.limits.idleTimeout}; Envoy's {@code idle_timeout} of a
 * connection.
 */
public final class OpenConnections {

  private long idle;
  private final Ticker ticker;
  private final Consumer<HttpConnection> cut;
  private final Map<HttpConnection, OpenConnection> all = new HashMap<>();

  /**
   * @param idle how long a connection is kept without a request; zero for ever
   * @param cut ends a connection at once, whatever is on its way
   */
  public OpenConnections(Duration idle, Ticker ticker, Consumer<HttpConnection> cut) {
    this.idle = idle.toNanos();
    this.ticker = ticker;
    this.cut = cut;
  }

  /** From now on connections are kept for this long, those that are open too. */
  public void idle(Duration time) {
    idle = time.toNanos();
  }

  /**
   * A connection is there; it is forgotten when it closes.
   *
   * @param end hears of its requests
   */
  public OpenConnection opened(HttpConnection connection, Caller caller, CallerEnd end) {
    OpenConnection open = new OpenConnection(caller, end, ticker);
    all.put(connection, open);
    connection.closeHandler(closed -> all.remove(connection));
    return open;
  }

  /** Null where it is not open any more. */
  public @Nullable OpenConnection of(HttpConnection connection) {
    return all.get(connection);
  }

  /** Goes through those that are open; none may be opened or closed meanwhile. */
  public void each(BiConsumer<HttpConnection, OpenConnection> visitor) {
    all.forEach(visitor);
  }

  /** Closes those that are idle; to be called about once a second. */
  public void look() {
    if (idle == 0) {
      return;
    }
    List<HttpConnection> late = new ArrayList<>(0);
    List<HttpConnection> hanging = new ArrayList<>(0);
    all.forEach(
        (connection, open) -> {
          if (open.idle(idle)) {
            (open.closes() ? late : hanging).add(connection);
          }
        });
    late.forEach(HttpConnection::close);
    hanging.forEach(cut);
  }
}
