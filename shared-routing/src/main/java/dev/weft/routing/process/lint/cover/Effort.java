package dev.weft.routing.process.lint.cover;

/** How much may still be tried, so that ten thousand rules take seconds. One thread. */
public final class Effort {

  private long left;
  private boolean cut;

  /**
   * @param steps that may be made, each a comparison of a rule with a request
   */
  public Effort(long steps) {
    this.left = steps;
  }

  /** Whether some more steps may be made; they count as made. */
  public boolean allows(long steps) {
    if (left < steps) {
      cut = true;
      return false;
    }
    left -= steps;
    return true;
  }

  /** Something was left out. */
  public void leaveOut() {
    cut = true;
  }

  /** Whether something was left out. */
  public boolean cut() {
    return cut;
  }
}
