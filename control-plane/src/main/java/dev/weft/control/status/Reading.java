package dev.weft.control.status;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problem;
import java.util.List;
import java.util.Map;

/**
 * What became of all units at a reading.
 *
 * @param wanted what the sources tell: units by source
 * @param good what of it serves, likewise
 * @param problems of what is wanted
 */
public record Reading(
    Map<String, Map<String, List<ConfigDocument>>> wanted,
    Map<String, Map<String, List<ConfigDocument>>> good,
    List<Problem> problems) {

  public Reading {
    problems = List.copyOf(problems);
  }
}
