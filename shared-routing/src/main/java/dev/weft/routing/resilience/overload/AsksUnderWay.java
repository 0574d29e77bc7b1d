package dev.weft.routing.resilience.overload;

import dev.weft.routing.exchange.Exchange.Loop;

/**
 * How many exchanges of each event loop wait for an answer about them: of an authorizer, or of whom
 * keys are fetched from. Who answers slowly must not take all the places of those about whom nobody
 * asks, so that the most is half of what a loop may have under way ({@link HeapShare}), whatever
 * else limits it.
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
    this.counts = new int[loops];
    this.most = most;
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
