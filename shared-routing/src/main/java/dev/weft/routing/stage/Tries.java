package dev.weft.routing.stage;

import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.transport.UpstreamClient.Attempt;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tries of one exchange: where they went, and how to give up the one that is under way. */
final class Tries implements Attempt {

  private final List<Endpoint> tried = new ArrayList<>(2);
  private final boolean avoid;
  private @Nullable Runnable reset;
  private int number;
  private long firstNanos;
  private boolean paid;

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

  /** Whether the next or current one took a token of the retry budget. */
  void paid(boolean took) {
    paid = took;
  }

  boolean paid() {
    return paid;
  }

  /** Ends the one under way, which then fails. */
  void giveUp() {
    if (reset != null) {
      reset.run();
    }
  }
}
