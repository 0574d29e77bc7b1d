package dev.weft.control.dashboard;

import dev.weft.control.proxies.Proxies;
import dev.weft.control.proxies.ProxyState;
import dev.weft.routing.admin.dashboard.Totals;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.discovery.standing.PlainLine;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks every proxy for what it counted: every ten seconds, and every two while somebody looks;
 * {@value #AT_ONCE} at a time, those first that were not asked for longest. Only the event loop of
 * the control plane may enter, but for {@link #watched}.
 */
final class MeshPoll {

  private static final long LOOK_MILLIS = 500;
  private static final long SELDOM = Duration.ofSeconds(10).toNanos();
  private static final long OFTEN = Duration.ofSeconds(2).toNanos();
  private static final int AT_ONCE = 8;
  private static final int LONGEST_WORDS = 300;
  private static final String TOTALS = "/dashboard/api/totals";

  private final Vertx vertx;
  private final Proxies proxies;
  private final ProxyCalls calls;
  private final MeshTotals totals;
  private final Ticker ticker;
  private final Map<Long, Asked> asked = new HashMap<>(); // by stream
  private int underWay;
  private volatile long watchedNanos;

  /** When a proxy was asked, and what came of it. */
  private static final class Asked {
    private long nanos;
    private boolean busy;
    private Optional<String> why = Optional.of("it is being asked");

    private Asked(long nanos) {
      this.nanos = nanos;
    }
  }

  MeshPoll(Vertx vertx, Proxies proxies, ProxyCalls calls, MeshTotals totals, Ticker ticker) {
    this.vertx = vertx;
    this.proxies = proxies;
    this.calls = calls;
    this.totals = totals;
    this.ticker = ticker;
    this.watchedNanos = ticker.nanos() - SELDOM;
  }

  /** Begins. */
  void start() {
    vertx.setPeriodic(LOOK_MILLIS, look -> look());
  }

  /** Somebody looks. Any thread. */
  void watched() {
    watchedNanos = ticker.nanos();
  }

  /** Why a proxy is not heard; empty where it is. */
  Optional<String> silence(ProxyState proxy) {
    return ProxyCalls.refusal(proxy)
        .or(
            () ->
                Optional.ofNullable(asked.get(proxy.stream()))
                    .map(one -> one.why)
                    .orElse(Optional.of("it was not asked yet")));
  }

  private void look() {
    long now = ticker.nanos();
    long every = now - watchedNanos < SELDOM ? OFTEN : SELDOM;
    List<ProxyState> present = proxies.present();
    Set<Long> streams = present.stream().map(ProxyState::stream).collect(Collectors.toSet());
    asked.keySet().retainAll(streams);
    calls.retain(present);
    totals.tidy(now);
    present.stream()
        .filter(proxy -> ProxyCalls.refusal(proxy).isEmpty() && due(proxy, now, every))
        .sorted(Comparator.comparingLong(this::nanos))
        .limit(Math.max(0, AT_ONCE - underWay))
        .forEach(proxy -> ask(proxy, now));
  }

  private boolean due(ProxyState proxy, long now, long every) {
    Asked before = asked.get(proxy.stream());
    return before == null || (!before.busy && now - before.nanos >= every);
  }

  private long nanos(ProxyState proxy) {
    Asked before = asked.get(proxy.stream());
    return before == null ? Long.MIN_VALUE : before.nanos;
  }

  private void ask(ProxyState proxy, long now) {
    Asked one = asked.computeIfAbsent(proxy.stream(), first -> new Asked(now));
    one.nanos = now;
    one.busy = true;
    underWay++;
    calls
        .ask(proxy, TOTALS)
        .compose(
            told ->
                vertx.executeBlocking(
                    () -> {
                      totals.heard(proxy.stream(), proxy.id(), Totals.read(told), ticker.nanos());
                      return true;
                    },
                    false))
        .onComplete(
            done -> {
              underWay--;
              one.busy = false;
              one.why =
                  done.succeeded()
                      ? Optional.empty()
                      : Optional.of(
                          PlainLine.of(String.valueOf(done.cause().getMessage()), LONGEST_WORDS));
            });
  }
}
