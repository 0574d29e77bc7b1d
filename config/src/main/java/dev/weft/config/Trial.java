package dev.weft.config;

import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is wanted at a moment, to try edits on without making them. An edit costs the reading of its
 * own texts, and the checks between all.
 *
 * <p>Never changes; any thread.
 */
public final class Trial {

  /** Of nothing. */
  public static final Trial NONE = new Trial(List.of(), List.of(), new ConfigLoader());

  private final List<ConfigDocument> wanted;
  private final Set<Problem> known;
  private final ConfigLoader loader; // reads nothing itself

  Trial(List<ConfigDocument> wanted, List<Problem> problems, ConfigLoader loader) {
    this.wanted = wanted;
    this.known = new HashSet<>(problems);
    this.loader = loader;
  }

  /**
   * What would be told if a unit had these texts: all problems of its own, and the errors elsewhere
   * that are none now.
   *
   * @param documents of the unit, which has no others then
   * @return sorted by place
   */
  public List<Problem> problems(String unit, List<ConfigDocument> documents) {
    List<ConfigDocument> all = new ArrayList<>();
    wanted.stream().filter(one -> !one.unit().equals(unit)).forEach(all::add);
    all.addAll(documents); // last, so that they are the second ones of a name that is taken
    Set<String> own = documents.stream().map(ConfigDocument::name).collect(Collectors.toSet());
    return loader.fork().read(all).problems().stream()
        .filter(one -> own.contains(one.place().file()) || fresh(one))
        .toList();
  }

  /** That there are more than are told is none that anybody brought. */
  private boolean fresh(Problem problem) {
    return problem.error() && !problem.code().equals(Codes.TOO_LARGE) && !known.contains(problem);
  }
}
