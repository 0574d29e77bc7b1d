package dev.weft.control.validate;

import dev.weft.config.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Problems as the API server passes them on, in the words of {@code weft check}. What is too much
 * is counted.
 *
 * <p>Source: the API server cuts the warnings of a request to 256 characters each once they are
 * more than 4,096 together; ours stay below that.
 */
public final class ProblemText {

  private static final int MOST_TOLD = 20;
  private static final int LONGEST = 1000; // of one problem
  private static final int MOST_WARNED = 3800; // together

  private ProblemText() {}

  /**
   * All of them, each as {@code weft check} prints it.
   *
   * @param errors at least one
   */
  public static String refusal(List<Problem> errors) {
    StringBuilder text = new StringBuilder();
    text.append(errors.size()).append(errors.size() == 1 ? " error:" : " errors:");
    errors.stream().limit(MOST_TOLD).forEach(one -> text.append('\n').append(cut(line(one))));
    if (errors.size() > MOST_TOLD) {
      text.append('\n').append("and ").append(errors.size() - MOST_TOLD).append(" more");
    }
    return text.toString();
  }

  /** What is said beside the problems comes first. */
  static List<String> warnings(List<String> notices, List<Problem> problems) {
    List<String> all =
        Stream.concat(notices.stream(), problems.stream().map(ProblemText::line))
            .map(text -> cut(text.replaceAll("\\s*\\p{Cntrl}\\s*", "; ")))
            .toList();
    List<String> told = new ArrayList<>();
    int length = 0;
    for (String one : all) {
      length += one.length();
      if (told.size() == MOST_TOLD || length > MOST_WARNED) {
        told.add("and " + (all.size() - told.size()) + " more warnings (./weft check tells them)");
        break;
      }
      told.add(one);
    }
    return told;
  }

  private static String line(Problem problem) {
    return problem + " [" + problem.code() + "]";
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
