package dev.weft.config.logging;

/**
 * A text that is no format or filter. The message says what stands there and what would be right.
 */
public final class Unreadable extends Exception {

  private static final long serialVersionUID = 1;

  private final int column;
  private final String hint;

  Unreadable(int at, String message, String hint) {
    super(message, null, false, false);
    this.column = at + 1;
    this.hint = hint;
  }

  /** Where in the text, from 1. */
  public int column() {
    return column;
  }

  /** What to do; may be empty. */
  public String hint() {
    return hint;
  }

  /** The message, with its column. */
  public String told() {
    return getMessage() + " at column " + column;
  }
}
