package dev.weft.cli.doctor;

import java.util.Locale;

/**
 * One line of what was found.
 *
 * @param hint what to do; empty where there is nothing to do
 */
record Finding(Mark mark, String text, String hint) {

  /** How it stands. */
  enum Mark {
    OK,
    /** It works, or cannot be told, and somebody should look. */
    WARN,
    /** It does not work. */
    FAIL;

    /** {@code ok}, {@code warn} or {@code fail}. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The same, of one of several places. */
  Finding at(String place) {
    return new Finding(mark, place + ": " + text, hint);
  }

  static Finding ok(String text) {
    return new Finding(Mark.OK, text, "");
  }

  static Finding warn(String text, String hint) {
    return new Finding(Mark.WARN, text, hint);
  }

  static Finding fail(String text, String hint) {
    return new Finding(Mark.FAIL, text, hint);
  }
}
