package dev.weft.routing.transport.keys;

import dev.weft.routing.authentication.KeySource;
import dev.weft.routing.authentication.KeySources.Address;
import dev.weft.routing.authentication.jwt.JoseKeys;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one address: fetched at once, again every {@link #FRESH}, and before where a token
 * names a key that is not among them, though not within {@link #PAUSE} of the last time that one
 * did. The last good ones are kept whatever comes after them. While there are none, it is tried
 * again after 1 s, then twice as long each time.
 *
 * <p>One fetch is under way at most, and as many as {@link #MOST_WAITING} requests wait for it; who
 * comes when it would be too early to ask again, or when more wait, goes by what is known. A fetch
 * that began before somebody asked may bring what was so before: where it brings nothing else,
 * there is another one for him, if it is time. Nothing is fetched for whom there are others
 * already: a token that was looked at before the last ones came would else use up the time of one
 * that needs newer ones.
 */
final class FetchedKeys implements KeySource {

  static final Duration FRESH = Duration.ofMinutes(10);
  static final Duration PAUSE = Duration.ofSeconds(10);
  static final int MOST_WAITING = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(FetchedKeys.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final Address address;
  private final KeyRequest request;
  private final Ticker ticker;
  private final Executor home; // what is below is entered there only
  private final List<Waiting> waiting = new ArrayList<>();
  private boolean underWay;
  private int failures; // since the last success
  private long endedNanos; // the last one
  private long askedNanos; // the last one for a token's sake
  private boolean closed;
  private volatile Optional<JoseKeys> known = Optional.empty();

  /**
   * Who waits.
   *
   * @param tried by which his token does not count
   * @param late whether the fetch had begun before he asked
   */
  private record Waiting(
      Promise<Optional<JoseKeys>> asked, Optional<JoseKeys> tried, boolean late) {}

  /**
   * @param home runs what it is given, one after the other
   */
  FetchedKeys(Address address, KeyRequest request, Ticker ticker, Executor home) {
    this.address = address;
    this.request = request;
    this.ticker = ticker;
    this.home = home;
    this.askedNanos = ticker.nanos() - PAUSE.toNanos();
  }

  /** Fetches for the first time. */
  void open() {
    home.execute(this::fetch);
  }

  void close() {
    home.execute(() -> closed = true);
  }

  /** Fetches where it is time; to be called about once a second. */
  void look() {
    Duration wait = known.isPresent() && failures == 0 ? FRESH : pause();
    if (since(endedNanos, wait)) {
      fetch();
    }
  }

  /** How long to wait after what failed. */
  private Duration pause() {
    if (known.isPresent()) {
      return PAUSE;
    }
    Duration doubled = SHORTEST.multipliedBy(1L << Math.min(failures - 1, 5));
    return failures == 0 || doubled.compareTo(PAUSE) > 0 ? PAUSE : doubled;
  }

  private boolean since(long nanos, Duration wait) {
    return ticker.nanos() - nanos >= wait.toNanos();
  }

  @Override
  public Optional<JoseKeys> now() {
    return known;
  }

  @Override
  public Future<Optional<JoseKeys>> others(Optional<JoseKeys> tried) {
    Promise<Optional<JoseKeys>> here = Promise.promise();
    Optional<Context> asking = Optional.ofNullable(Vertx.currentContext());
    Promise<Optional<JoseKeys>> there = Promise.promise();
    there
        .future()
        .onSuccess(
            keys ->
                asking.ifPresentOrElse(
                    loop -> loop.runOnContext(back -> here.complete(keys)),
                    () -> here.complete(keys)));
    home.execute(() -> ask(there, tried));
    return here.future();
  }

  private void ask(Promise<Optional<JoseKeys>> asked, Optional<JoseKeys> tried) {
    if (othersThan(tried)) {
      asked.complete(known);
      return;
    }
    boolean late = underWay;
    if (!late && due()) {
      askedNanos = ticker.nanos();
      fetch();
    }
    if (underWay && waiting.size() < MOST_WAITING) {
      waiting.add(new Waiting(asked, tried, late));
    } else {
      asked.complete(known);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same object until they change
  private boolean othersThan(Optional<JoseKeys> tried) {
    return known.isPresent() && known.get() != tried.orElse(null);
  }

  /** Whether they may be fetched for a token's sake. */
  private boolean due() {
    return known.isPresent()
        ? since(askedNanos, PAUSE)
        : failures == 0 || since(endedNanos, pause());
  }

  private void fetch() {
    if (underWay || closed) {
      return;
    }
    underWay = true;
    request.fetch(address).onComplete(fetched -> home.execute(() -> ended(fetched)));
  }

  private void ended(AsyncResult<JoseKeys> fetched) {
    underWay = false;
    endedNanos = ticker.nanos();
    if (fetched.succeeded()) {
      told(fetched.result().size());
      failures = 0;
      JoseKeys keys = fetched.result();
      if (known.filter(keys::same).isEmpty()) {
        known = Optional.of(keys); // else the same object: tokens that are known stay so
      }
    } else {
      failures++;
      failed(String.valueOf(fetched.cause().getMessage()));
    }
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    boolean again = fetched.succeeded() && due();
    for (Waiting one : all) {
      if (again && one.late && !othersThan(one.tried)) {
        waiting.add(new Waiting(one.asked, one.tried, false));
      } else {
        one.asked.complete(known);
      }
    }
    if (!waiting.isEmpty()) {
      askedNanos = ticker.nanos();
      fetch();
      if (!underWay) { // closed meanwhile
        waiting.forEach(one -> one.asked.complete(known));
        waiting.clear();
      }
    }
  }

  private void told(int keys) {
    if (known.isEmpty() || failures > 0) {
      LOG.info("keys of {}: {}", address.issuer(), keys);
    }
  }

  private void failed(String why) {
    if (failures == 1) {
      LOG.warn(
          "keys of {} cannot be fetched: {}; {}",
          address.issuer(),
          why,
          known.isPresent() ? "those known are kept" : "no token of it counts");
    }
  }
}
