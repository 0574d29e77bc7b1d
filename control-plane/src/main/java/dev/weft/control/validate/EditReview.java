package dev.weft.control.validate;

import dev.weft.config.Trial;
import dev.weft.config.problem.Problem;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tries an edit on what is wanted now and tells what {@code weft check} would: an error refuses it,
 * as the source would refuse it a moment later. Takes what reading the edit takes, so not for event
 * loops; any other thread.
 */
public final class EditReview {

  private final Supplier<Trial> trial;
  private final Optional<String> own;

  /**
   * @param own the namespace of Weft, whose ConfigMaps may define anything
   */
  public EditReview(Supplier<Trial> trial, Optional<String> own) {
    this.trial = trial;
    this.own = own;
  }

  /**
   * @param request of an AdmissionReview
   */
  public Verdict review(JsonObject request) {
    return Edit.of(request, own).map(this::review).orElse(Verdict.FINE);
  }

  private Verdict review(Edit edit) {
    List<Problem> problems =
        trial.get().problems(edit.unit(), edit.documents()).stream().map(edit::told).toList();
    List<Problem> errors = problems.stream().filter(Problem::error).toList();
    List<Problem> warnings = problems.stream().filter(problem -> !problem.error()).toList();
    return new Verdict(
        errors.isEmpty() ? Optional.empty() : Optional.of(ProblemText.refusal(errors)),
        ProblemText.warnings(edit.notices(), warnings));
  }
}
