package dev.weft.routing.transport.keys;

import dev.weft.routing.authentication.KeySource;
import dev.weft.routing.authentication.KeySources;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * All addresses that keys are fetched from, on one event loop of its own. Where no
 * RequestAuthentication names one it has neither client nor timer. Any thread may enter.
 */
public final class KeyFetcher implements KeySources {

  private static final long LOOK_MILLIS = 1000;

  private final Vertx vertx;
  private final Ticker ticker;
  private final Optional<Path> roots;
  private final Map<Address, FetchedKeys> all = new HashMap<>();
  private @Nullable Context context;
  private @Nullable KeyRequest request;
  private @Nullable Long timer;

  /**
   * @param roots of servers of keys, in PEM; those of the JDK where there are none
   */
  public KeyFetcher(Vertx vertx, Ticker ticker, Optional<Path> roots) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.roots = roots;
  }

  @Override
  public synchronized KeySource of(Address address) {
    return all.computeIfAbsent(address, this::opened);
  }

  private FetchedKeys opened(Address address) {
    Context own = context;
    KeyRequest by = request;
    if (own == null || by == null) {
      own = vertx.getOrCreateContext();
      by = new HttpKeyRequest(vertx, roots);
      context = own;
      request = by;
    }
    if (timer == null) {
      Context home = own;
      timer = vertx.setPeriodic(LOOK_MILLIS, look -> home.runOnContext(now -> look()));
    }
    Context home = own;
    Executor executor = task -> home.runOnContext(run -> task.run());
    FetchedKeys keys = new FetchedKeys(address, by, ticker, executor);
    keys.open();
    return keys;
  }

  private void look() {
    List<FetchedKeys> now;
    synchronized (this) {
      now = List.copyOf(all.values());
    }
    now.forEach(FetchedKeys::look);
  }

  @Override
  public synchronized void retain(Set<Address> used) {
    Set<Address> gone = new HashSet<>(all.keySet());
    gone.removeAll(used);
    for (Address address : gone) {
      Optional.ofNullable(all.remove(address)).ifPresent(FetchedKeys::close);
    }
    Long running = timer;
    if (all.isEmpty() && running != null) {
      vertx.cancelTimer(running);
      timer = null;
    }
  }
}
