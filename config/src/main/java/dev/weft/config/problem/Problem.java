package dev.weft.config.problem;

import java.util.Comparator;
import java.util.Locale;

/**
 * A fault in a user's configuration, told so that he can mend it without asking.
 *
 * @param severity an error keeps the last good configuration; a warning is applied and told
 * @param code stable and greppable, e.g. {@code WF104}; listed in {@code docs/problems.md}
 * @param place where it stands
 * @param path the field, e.g. {@code spec.http[0].route[1].weight}; empty for a whole document
 * @param message what stands there and what is expected, e.g. {@code weight -5 (expected: 0 to
 *     1000000)}
 * @param hint what to do; empty where the message says it all
 */
public record Problem(
    Severity severity, String code, Place place, String path, String message, String hint)
    implements Comparable<Problem> {

  private static final Comparator<Problem> ORDER =
      Comparator.comparing(Problem::place)
          .thenComparing(Problem::severity)
          .thenComparing(Problem::code)
          .thenComparing(Problem::path)
          .thenComparing(Problem::message);

  /** How bad: an error refuses the unit (folder, ConfigMap) that it stands in. */
  public enum Severity {
    ERROR,
    WARNING;

    /** {@code error} or {@code warning}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public boolean error() {
    return severity == Severity.ERROR;
  }

  @Override
  public int compareTo(Problem other) {
    return ORDER.compare(this, other);
  }

  /** The line that a user reads, and the hint on a line of its own where there is one. */
  @Override
  public String toString() {
    String where = path.isEmpty() ? place + ": " : place + ": " + path + ": ";
    String line = where + severity.word() + ": " + message;
    return hint.isEmpty() ? line : line + "\n  hint: " + hint;
  }
}
