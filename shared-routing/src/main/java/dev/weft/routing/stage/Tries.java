package dev.weft.routing.stage;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.exchange.ProxyFailure;
import dev.weft.routing.resilience.overload.AdaptiveLimit;
import dev.weft.routing.transport.UpstreamClient.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The tries of one exchange: where they went, and how to give up the one that is under way. */
final class Tries implements Attempt {

  private final List<Endpoint> tried = new ArrayList<>(2);
  private final boolean avoid;
  private @Nullable Runnable reset;
  private int number;
  private long firstNanos;
  private boolean paid;
  private Optional<ProxyFailure> failure = Optional.empty();
  private @Nullable Runnable whenSent;
  private @Nullable AdaptiveLimit debtor;
  private long owedNanos;

  /**
   * @param avoid whether endpoints that were tried are avoided
   */
  Tries(boolean avoid) {
    this.avoid = avoid;
  }

  /** How many were begun before. */
  int number() {
    return number;
  }

  /** What to avoid. */
  List<Endpoint> tried() {
    return avoid ? tried : List.of();
  }

  void begin(Endpoint endpoint, long now) {
    if (number == 0) {
      firstNanos = now;
    }
    if (!tried.contains(endpoint)) {
      tried.add(endpoint);
    }
    number++;
    reset = null;
  }

  /** When the first one began. */
  long firstNanos() {
    return firstNanos;
  }

  @Override
  public void resetWith(Runnable how) {
    reset = how;
  }

  /** What to run once all of the one that just began was sent. */
  void whenSent(Runnable then) {
    whenSent = then;
  }

  @Override
  public void sent() {
    if (whenSent != null) {
      whenSent.run();
    }
  }

  /** The current one is for {@code by} to answer, from a time on. */
  void owed(AdaptiveLimit by, long now) {
    debtor = by;
    owedNanos = now;
    by.owes();
  }

  /**
   * The current one was answered, or is not to be any more.
   *
   * @return since when it was to be; empty where it never was, since not all of it was sent
   */
  OptionalLong settled() {
    whenSent = null;
    AdaptiveLimit by = debtor;
    debtor = null;
    if (by == null) {
      return OptionalLong.empty();
    }
    by.settles();
    return OptionalLong.of(owedNanos);
  }

  /** Whether the next or current one took a token of the retry budget. */
  void paid(boolean took) {
    paid = took;
  }

  boolean paid() {
    return paid;
  }

  /** What the last one failed with, where another is to follow; empty where it was answered. */
  void failed(Optional<ProxyFailure> with) {
    failure = with;
  }

  Optional<ProxyFailure> failure() {
    return failure;
  }

  /** Ends the one under way, which then fails. */
  void giveUp() {
    if (reset != null) {
      reset.run();
    }
  }
}
