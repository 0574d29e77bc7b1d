package dev.weft.control.proxies;

import dev.weft.routing.clock.Ticker;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The proxies that listen to this control plane, and those that left within the last hour and did
 * not come again: {@value #MOST_AWAY} of them at most, the latest. One event loop's own.
 */
public final class Proxies {

  private static final Duration REMEMBERED = Duration.ofHours(1);
  private static final int MOST_AWAY = 1_000;

  private final Ticker ticker;
  private final List<ProxyState> present = new ArrayList<>();
  private final Deque<Away> away = new ArrayDeque<>(); // the latest last

  /** One that left, and when. */
  private record Away(ProxyState proxy, long nanos) {}

  public Proxies(Ticker ticker) {
    this.ticker = ticker;
  }

  /** A stream began; of those that left one that may be the same is forgotten. */
  public ProxyState joined(long stream, Peer peer) {
    away.stream().filter(one -> one.proxy.peer().again(peer)).findFirst().ifPresent(away::remove);
    ProxyState proxy = new ProxyState(stream, peer, ticker.nanos());
    present.add(proxy);
    return proxy;
  }

  /** A stream ended. */
  public void left(ProxyState proxy) {
    if (present.remove(proxy)) {
      away.add(new Away(proxy, ticker.nanos()));
      if (away.size() > MOST_AWAY) {
        away.remove();
      }
    }
  }

  /** Those that listen, as they are now. */
  public List<ProxyState> present() {
    return List.copyOf(present);
  }

  /**
   * Who listens, what each was told and what it said of it, and who left: as {@code /proxies} tells
   * it.
   *
   * @param version that is published
   */
  public JsonObject json(long version) {
    long now = ticker.nanos();
    long epoch = ticker.epochMillis();
    away.removeIf(one -> now - one.nanos > REMEMBERED.toNanos());
    JsonArray here = new JsonArray();
    present.forEach(one -> here.add(one.json(now, epoch)));
    JsonArray gone = new JsonArray();
    away.forEach(
        one ->
            gone.add(
                one.proxy
                    .json(one.nanos, epoch)
                    .put("inSync", false)
                    .put("leftSeconds", ProxyState.seconds(one.nanos, now))));
    return new JsonObject().put("version", version).put("proxies", here).put("away", gone);
  }
}
