package dev.weft.routing.verticle;

import dev.weft.routing.clock.LanedTimers;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Exchange.Loop;
import dev.weft.routing.listener.Listener;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.Refusals;
import dev.weft.routing.resilience.ConnectionLimits;
import dev.weft.routing.telemetry.Histogram;
import dev.weft.routing.telemetry.loop.LoopDelay;
import dev.weft.routing.transport.PooledUpstreamClient;
import dev.weft.routing.transport.UpstreamClient;
import dev.weft.routing.transport.UpstreamCredentials;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's request path: its listeners, its upstream connections. Requests never leave it.
 * Other threads may call {@link #open}, {@link #drain} and {@link #client}; the work is done on its
 * loop.
 */
public final class WeightedRoutingVerticle extends VerticleBase {

  private final int index;
  private final Ticker ticker;
  private final UpstreamCredentials credentials;
  private final ConnectionLimits limits;
  private final Refusals refusals;
  private final Map<String, Listener> listeners = new HashMap<>();
  private final Map<String, Listener> unopened = new HashMap<>(); // to be tried again
  private final Map<String, String> closed = new ConcurrentHashMap<>(); // why, of unopened
  private volatile @Nullable PooledUpstreamClient client;
  private final LoopDelay delay = new LoopDelay();
  private volatile @Nullable Loop loop;

  /**
   * @param index of this event loop, from 0
   */
  public WeightedRoutingVerticle(
      int index,
      Ticker ticker,
      UpstreamCredentials credentials,
      ConnectionLimits limits,
      Refusals refusals) {
    this.index = index;
    this.ticker = ticker;
    this.credentials = credentials;
    this.limits = limits;
    this.refusals = refusals;
  }

  @Override
  public Future<?> start() {
    Loop mine = new Loop(index, new LanedTimers(new VertxTimers(vertx), ticker), ticker);
    loop = mine;
    delay.begin(new VertxTimers(vertx), ticker);
    client = new PooledUpstreamClient(vertx, credentials, limits, mine);
    return Future.succeededFuture();
  }

  /** Sends attempts over this loop's connections; there is one once it is deployed. */
  public UpstreamClient client() {
    return Objects.requireNonNull(client, "client: not deployed yet");
  }

  /** How late this loop begins what is due, in milliseconds. Any thread. */
  public Histogram delays() {
    return delay.millis();
  }

  /** As exchanges know it; there is one once it is deployed. */
  public Loop loop() {
    return Objects.requireNonNull(loop, "loop: not deployed yet");
  }

  /** The event loop that it is; there is one once it is deployed. */
  public Context context() {
    return context;
  }

  /**
   * Opens the ports of {@code wanted} that are not open yet, and drains the open ones that are not
   * wanted any more. The others stay open, with the limits that are wanted now: what they serve is
   * asked for at each request.
   *
   * @return fails with a sentence where a port cannot be opened
   */
  public Future<Void> open(List<Listening> wanted) {
    return onLoop(
        () -> {
          List<Future<?>> opening = new ArrayList<>();
          Set<String> names = new HashSet<>();
          for (Listening listening : wanted) {
            names.add(listening.name());
            Listener open = listeners.get(listening.name());
            if (open == null) {
              opening.add(open(listening));
            } else {
              open.limits(listening.settings());
            }
          }
          for (String name : Set.copyOf(listeners.keySet())) {
            Listener gone = names.contains(name) ? null : listeners.remove(name);
            if (gone != null) {
              gone.drain(Duration.ofSeconds(30));
            }
          }
          unopened.keySet().retainAll(names);
          closed.keySet().retainAll(names);
          return Future.join(opening).mapEmpty();
        });
  }

  private Future<?> open(Listening wanted) {
    Loop mine = loop();
    Listener before = unopened.remove(wanted.name());
    Listener listener =
        before != null && before.settings().equals(wanted.settings())
            ? before
            : new Listener(
                vertx, wanted.settings(), wanted.tls(), wanted.service(), mine, refusals);
    listeners.put(wanted.name(), listener);
    return listener
        .open()
        .onSuccess(open -> closed.remove(wanted.name()))
        .recover(
            cause -> {
              listeners.remove(wanted.name());
              unopened.put(wanted.name(), listener);
              ListenerSettings at = wanted.settings();
              closed.put(wanted.name(), Listening.closed(at.host(), at.port(), cause));
              return Future.failedFuture(
                  Listening.refused(wanted.name(), at.host(), at.port(), cause));
            });
  }

  /** Why those that are wanted and not open are not, by their names. Any thread. */
  public Map<String, String> closed() {
    return Map.copyOf(closed);
  }

  /** The port of an open listener; 0 where there is none of that name. */
  public Future<Integer> port(String name) {
    return onLoop(
        () -> {
          Listener listener = listeners.get(name);
          return Future.succeededFuture(listener == null ? 0 : listener.port());
        });
  }

  /** Still takes requests, but each answer is the last of its connection. */
  public Future<Void> leave() {
    return onLoop(
        () -> {
          listeners.values().forEach(Listener::leave);
          return Future.succeededFuture();
        });
  }

  /**
   * Ends all listeners: nothing new is taken, what is under way may finish within {@code grace}.
   */
  public Future<Void> drain(Duration grace) {
    return onLoop(
        () -> {
          List<Future<?>> draining = new ArrayList<>();
          listeners.values().forEach(listener -> draining.add(listener.drain(grace)));
          listeners.clear();
          return Future.join(draining).mapEmpty();
        });
  }

  /** Lets upstream connections finish, so that new ones show a new identity. */
  public void reconnect() {
    Context mine = context;
    mine.runOnContext(
        now -> {
          PooledUpstreamClient pools = client;
          if (pools != null) {
            pools.drain();
          }
        });
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(now -> work.get().onComplete(promise));
    return promise.future();
  }

  @Override
  public Future<?> stop() {
    delay.end();
    PooledUpstreamClient pools = client;
    return drain(Duration.ofMillis(1))
        .transform(drained -> pools == null ? Future.succeededFuture() : pools.close());
  }
}
