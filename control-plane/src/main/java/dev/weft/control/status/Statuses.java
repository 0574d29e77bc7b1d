package dev.weft.control.status;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problem;
import dev.weft.control.validate.ProblemText;
import dev.weft.kubernetes.note.Note;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From readings to what is to be told of each ConfigMap. One that serves and did not change keeps
 * the version that it was applied with. One thread at a time.
 */
final class Statuses {

  private static final String SCHEME = "configmap:";
  private static final int LONGEST = 600;

  private Map<String, Known> known = Map.of();

  /** What was told of a unit last. */
  private record Known(List<ConfigDocument> documents, Note note) {}

  /**
   * What is to be told.
   *
   * @param first whether this process told nothing of it before
   */
  record News(Note note, boolean first) {}

  /**
   * @param version of what serves now
   */
  List<News> after(Reading reading, long version) {
    Map<String, List<Problem>> errors =
        reading.problems().stream()
            .filter(Problem::error)
            .collect(Collectors.groupingBy(one -> one.place().file()));
    Map<String, Known> now = new HashMap<>();
    reading
        .wanted()
        .forEach(
            (source, units) ->
                units.forEach(
                    (unit, documents) -> {
                      if (unit.startsWith(SCHEME)) {
                        List<ConfigDocument> good = good(reading, source, unit);
                        Note note =
                            documents.equals(good)
                                ? applied(unit, documents, version)
                                : refused(unit, documents, !good.isEmpty(), reading, errors);
                        now.put(unit, new Known(documents, note));
                      }
                    }));
    List<News> news = new ArrayList<>();
    now.forEach(
        (unit, told) -> {
          Known before = known.get(unit);
          if (before == null || !before.note.equals(told.note)) {
            news.add(new News(told.note, before == null));
          }
        });
    known = now;
    return news;
  }

  private static List<ConfigDocument> good(Reading reading, String source, String unit) {
    return reading.good().getOrDefault(source, Map.of()).getOrDefault(unit, List.of());
  }

  private Note applied(String unit, List<ConfigDocument> documents, long version) {
    @Nullable Known before = known.get(unit);
    if (before != null && before.note.applied() && before.documents.equals(documents)) {
      return before.note;
    }
    String text = "applied v" + version;
    return note(unit, true, text, text);
  }

  private static Note refused(
      String unit,
      List<ConfigDocument> documents,
      boolean before,
      Reading reading,
      Map<String, List<Problem>> errors) {
    List<Problem> own =
        documents.stream()
            .flatMap(one -> errors.getOrDefault(one.name(), List.of()).stream())
            .sorted()
            .toList();
    String state = before ? "not applied; what was good before serves on" : "not applied";
    if (own.isEmpty()) {
      String why = "not applied: nothing serves before the errors elsewhere are mended";
      return note(unit, false, why, why + elsewhere(reading));
    }
    String first = Objects.toString(own.get(0)).lines().findFirst().orElse("");
    String more = own.size() == 1 ? "" : " (and " + (own.size() - 1) + " more)";
    String status = first.length() <= LONGEST ? first : first.substring(0, LONGEST) + "...";
    return note(unit, false, status + more, state + "; " + ProblemText.refusal(own));
  }

  private static String elsewhere(Reading reading) {
    return reading.problems().stream()
        .filter(Problem::error)
        .map(one -> "\n" + one)
        .findFirst()
        .orElse("");
  }

  private static Note note(String unit, boolean applied, String status, String message) {
    String name = unit.substring(SCHEME.length());
    int slash = name.indexOf('/');
    return new Note(name.substring(0, slash), name.substring(slash + 1), applied, status, message);
  }
}
