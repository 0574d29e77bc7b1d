package dev.weft.routing.resilience.overload;

/**
 * How much may be under way so that the heap holds it: beyond, all time goes into collections, and
 * what waits for them makes more wait.
 *
 * <p>A request over HTTP/1.1 with its two connections, one of them in TLS, holds 17 to 21 KiB
 * (measured, JDK 25, histograms at 75 to 300 under way), and a process that serves 9 to 12 MiB.
 */
public final class HeapShare {

  private static final long OF_THE_PROCESS = 12L << 20;
  private static final long OF_A_REQUEST = 32L << 10; // half as much again, for what it allocates
  private static final int FEWEST = 64;

  private HeapShare() {}

  /**
   * Of this process.
   *
   * @param loops among which they are spread
   * @return requests on each loop
   */
  public static int requests(int loops) {
    return requests(Runtime.getRuntime().maxMemory(), loops);
  }

  static int requests(long heap, int loops) {
    long all = Math.min(Integer.MAX_VALUE, (heap - OF_THE_PROCESS) / OF_A_REQUEST);
    return (int) Math.max(FEWEST, all / Math.max(1, loops));
  }
}
