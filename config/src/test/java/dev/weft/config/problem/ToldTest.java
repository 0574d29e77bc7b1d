package dev.weft.config.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.problem.Problem.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ToldTest {

  private static final Problem FIRST = problem(Severity.WARNING, 1);
  private static final Problem SECOND = problem(Severity.WARNING, 2);
  private static final Problem ERROR = problem(Severity.ERROR, 3);

  private final Told told = new Told();

  @Test
  void aWarningIsToldOnce() {
    assertThat(told.news(List.of(FIRST))).containsExactly(FIRST);
    assertThat(told.news(List.of(FIRST, SECOND))).containsExactly(SECOND);
    assertThat(told.news(List.of(FIRST, SECOND))).isEmpty();
  }

  @Test
  void aWarningThatComesBackIsToldAgain() {
    told.news(List.of(FIRST, SECOND));
    told.news(List.of(SECOND));

    assertThat(told.news(List.of(FIRST, SECOND))).containsExactly(FIRST);
  }

  @Test
  void anErrorIsToldEachTime() {
    told.news(List.of(FIRST, ERROR));

    assertThat(told.news(List.of(FIRST, ERROR))).containsExactly(ERROR);
  }

  private static Problem problem(Severity severity, int line) {
    return new Problem(severity, "WF100", new Place("a.yaml", line, 1), "spec", "wrong", "");
  }
}
