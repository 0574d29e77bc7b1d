package dev.weft.routing.resilience.overload;

/**
 * How much may be under way so that the heap holds it: beyond, all time goes into collections, and
 * what waits for them makes more wait.
 *
 * <p>A request over HTTP/1.1 with its two connections, one of them in TLS, holds 17 to 21 KiB
 * (measured, JDK 25, histograms at 75 to 300 under way), one over HTTP/2 on both sides with a piece
 * of a body that nobody takes 26 (1,300 under way), and a process that serves 9 to 12 MiB. A
 * quarter of the heap is for what waits in HTTP/2's windows and for bodies ({@code Buffered}).
 */
public final class HeapShare {

  private static final long OF_THE_PROCESS = 12L << 20;
  private static final long OF_A_REQUEST = 40L << 10; // half as much again, for what it allocates
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
    long all = Math.min(Integer.MAX_VALUE, (heap - (heap >> 2) - OF_THE_PROCESS) / OF_A_REQUEST);
    return (int) Math.max(FEWEST, all / Math.max(1, loops));
  }
}
