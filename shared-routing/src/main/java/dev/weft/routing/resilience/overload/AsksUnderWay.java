package dev.weft.routing.resilience.overload;

import dev.weft.routing.exchange.Exchange.Loop;

/**
 * How many exchanges of each event loop wait for an answer about them: of an authorizer, or of whom
 * keys are fetched from. Who answers slowly must not take all the places of those about whom nobody
 * asks, so that the most is half of what a loop may have under way: of {@link HeapShare}, and of
 * {@code overload.maxInFlight} where that is less.
 *
 * <p>Outlives snapshots. A loop enters its own count only.
 */
public final class AsksUnderWay {

  private final int[] counts; // by the index of the loop
  private final int most;

  /**
   * @param loops of the process
   * @param most on each of them, from 1
   */
  public AsksUnderWay(int loops, int most) {
    this(new int[loops], most);
  }

  private AsksUnderWay(int[] counts, int most) {
    this.counts = counts;
    this.most = most;
  }

  /**
   * The same places, but at most half of those that may be taken at all.
   *
   * @param maxInFlight of the process; 0 for no such limit
   */
  public AsksUnderWay within(int maxInFlight) {
    int half = Math.max(1, maxInFlight / 2 / counts.length);
    return maxInFlight == 0 || half >= most ? this : new AsksUnderWay(counts, half);
  }

  /**
   * Half of what the heap holds.
   *
   * @param loops of the process
   */
  public static AsksUnderWay ofHalf(int loops) {
    return new AsksUnderWay(loops, Math.max(1, HeapShare.requests(loops) / 2));
  }

  /** Takes a place; false where there is none. The loop's own thread. */
  public boolean began(Loop loop) {
    if (counts[loop.index()] >= most) {
      return false;
    }
    counts[loop.index()]++;
    return true;
  }

  /** Gives it back. The loop's own thread. */
  public void ended(Loop loop) {
    counts[loop.index()]--;
  }

  /** How many may be under way on a loop at once. */
  public int most() {
    return most;
  }
}
