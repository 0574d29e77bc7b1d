package dev.weft.config;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import java.util.List;

/**
 * What a load gave.
 *
 * @param config all that could be read; to be applied only when {@link #accepted()}
 * @param problems all of them, sorted by place
 */
public record LoadResult(MeshConfig config, List<Problem> problems) {

  public LoadResult {
    problems = List.copyOf(problems);
  }

  /** Whether there is no error; warnings are applied and told. */
  public boolean accepted() {
    return problems.stream().noneMatch(Problem::error);
  }

  public long errors() {
    return problems.stream().filter(Problem::error).count();
  }
}
