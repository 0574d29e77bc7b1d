package dev.weft.cli.demo;

import java.io.PrintWriter;

/** What a scenario expects, each told with what was measured; counts those that were not met. */
final class Expectations {

  private final PrintWriter out;
  private int failed;

  Expectations(PrintWriter out) {
    this.out = out;
  }

  void expect(String what, boolean met, String measured) {
    failed += met ? 0 : 1;
    out.println((met ? "  ok    " : "  FAILED ") + what + ": " + measured);
    out.flush();
  }

  /** Tells the sum of it; the exit code is 1 where one was not met. */
  int sum() {
    out.println(failed == 0 ? "all expectations met" : failed + " expectations not met");
    out.flush();
    return failed == 0 ? 0 : 1;
  }
}
