package dev.weft.config.problem;

import dev.weft.config.problem.Problem.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects all problems of a load, so that they are told at once. Not thread-safe: one load, one
 * thread.
 */
public final class Problems {

  private final List<Problem> found = new ArrayList<>();

  public void error(String code, Place place, String path, String message, String hint) {
    found.add(new Problem(Severity.ERROR, code, place, path, message, hint));
  }

  public void warning(String code, Place place, String path, String message, String hint) {
    found.add(new Problem(Severity.WARNING, code, place, path, message, hint));
  }

  public void addAll(List<Problem> others) {
    found.addAll(others);
  }

  public boolean hasErrors() {
    return found.stream().anyMatch(Problem::error);
  }

  /** By file, line, column; each once. */
  public List<Problem> sorted() {
    return found.stream().distinct().sorted().toList();
  }
}
