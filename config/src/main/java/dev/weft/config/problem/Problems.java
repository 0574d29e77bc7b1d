package dev.weft.config.problem;

import dev.weft.config.problem.Problem.Severity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Collects all problems of a load, so that they are told at once; of more than {@link #MOST} of one
 * severity only how many there are. Not thread-safe: one load, one thread.
 */
public final class Problems {

  /** Of each severity. */
  public static final int MOST = 1000;

  private final List<Problem> found = new ArrayList<>();
  private final List<Problem> beyond = new ArrayList<>(); // the first one left out, by severity
  private final Map<Severity, Integer> count = new EnumMap<>(Severity.class);

  public void error(String code, Place place, String path, String message, String hint) {
    add(new Problem(Severity.ERROR, code, place, path, message, hint));
  }

  public void warning(String code, Place place, String path, String message, String hint) {
    add(new Problem(Severity.WARNING, code, place, path, message, hint));
  }

  private void add(Problem problem) {
    int number = count.merge(problem.severity(), 1, Integer::sum);
    if (number <= MOST) {
      found.add(problem);
    } else if (number == MOST + 1) {
      beyond.add(problem);
    }
  }

  /** By file, line, column; each once. */
  public List<Problem> sorted() {
    List<Problem> all = new ArrayList<>(found);
    for (Problem first : beyond) {
      int more = count.getOrDefault(first.severity(), 0) - MOST;
      String message = "and " + more + " more from here on, not told one by one";
      all.add(
          new Problem(
              first.severity(), Codes.TOO_LARGE, first.place(), "", message, "mend these first"));
    }
    return all.stream().distinct().sorted().toList();
  }
}
