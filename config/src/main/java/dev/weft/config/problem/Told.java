package dev.weft.config.problem;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Remembers which warnings were told of the load before, so that an edit among a thousand of them
 * tells those that it brought. An error is told each time: its fault is why nothing is applied.
 *
 * <p>One thread at a time.
 */
public final class Told {

  private Set<Problem> before = Set.of();

  /**
   * Those to tell of a load, in their order; what it no longer has is told again when it is back.
   */
  public List<Problem> news(List<Problem> problems) {
    List<Problem> news =
        problems.stream().filter(one -> one.error() || !before.contains(one)).toList();
    before = new HashSet<>(problems);
    return news;
  }
}
