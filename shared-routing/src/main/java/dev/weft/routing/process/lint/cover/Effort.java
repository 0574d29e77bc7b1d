package dev.weft.routing.process.lint.cover;

import java.util.function.BooleanSupplier;

/** How much may still be tried, so that ten thousand rules take seconds. One thread. */
public final class Effort {

  private final BooleanSupplier goesOn;
  private long left;
  private boolean cut;

  /**
   * @param steps that may be made, each a comparison of a rule with a request
   * @param goesOn whether anything may be tried at all; asked often
   */
  public Effort(long steps, BooleanSupplier goesOn) {
    this.left = steps;
    this.goesOn = goesOn;
  }

  /** As many steps more, to the same end. */
  public Effort another(long steps) {
    return new Effort(steps, goesOn);
  }

  /** Whether some more steps may be made; they count as made. */
  public boolean allows(long steps) {
    if (left < steps || over()) {
      cut = true;
      return false;
    }
    left -= steps;
    return true;
  }

  /** Whether nothing more may be tried: what was found so far is not all there is to know. */
  public boolean over() {
    boolean over = !goesOn.getAsBoolean();
    cut |= over;
    return over;
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
