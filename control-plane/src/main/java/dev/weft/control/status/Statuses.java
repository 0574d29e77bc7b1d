package dev.weft.control.status;

import dev.weft.config.ConfigDocument;
import dev.weft.config.problem.Problem;
import dev.weft.control.stream.GatewayTrouble;
import dev.weft.control.validate.ProblemText;
import dev.weft.kubernetes.note.Note;
import dev.weft.kubernetes.note.Note.Troubles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * From readings, and from what does not work at gateways, to what is to be told of each ConfigMap.
 * One that serves and did not change keeps the version that it was applied with. One thread at a
 * time.
 */
final class Statuses {

  private static final String SCHEME = "configmap:";
  private static final String GATEWAY = "Gateway "; // before the name of a resource
  private static final int LONGEST = 600;
  private static final int MOST_TROUBLES = 5; // that an Event tells

  private Map<String, Known> known = Map.of();
  private Map<String, Troubles> troubles = Map.of(); // by unit
  private Map<String, Note> gateways = Map.of(); // resources that are told to have troubles
  private Set<String> resources = Set.of(); // Gateways that there are
  private boolean looked; // at all of them, since another process may have told of troubles
  private boolean all; // units without troubles are known to have none

  /** What was told of a unit last. */
  private record Known(List<ConfigDocument> documents, Note note) {}

  /**
   * What is to be told.
   *
   * @param first whether another process may have told the same before
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
                        now.put(unit, new Known(documents, with(unit, note)));
                      }
                    }));
    resources =
        reading.good().values().stream()
            .flatMap(units -> units.keySet().stream())
            .filter(unit -> unit.startsWith(GATEWAY))
            .collect(Collectors.toUnmodifiableSet());
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

  /**
   * What is to be told since something else does not work now; of each as if another process might
   * have told it before.
   *
   * @param allKnown whether nothing is wrong with units that are not among them
   */
  List<News> after(Map<String, List<GatewayTrouble>> now, boolean allKnown) {
    Map<String, Troubles> next = new HashMap<>();
    now.forEach((unit, its) -> next.put(unit, troubles(its)));
    troubles = next;
    all = allKnown;
    List<News> news = new ArrayList<>();
    Map<String, Known> later = new HashMap<>();
    known.forEach(
        (unit, before) -> {
          Note note = with(unit, before.note);
          later.put(unit, new Known(before.documents, note));
          if (!note.equals(before.note)) {
            news.add(new News(note, true));
          }
        });
    known = later;
    news.addAll(gateways(now.keySet()));
    return news;
  }

  /** Gateways that are resources: those with troubles, and those that had some, or may have. */
  private List<News> gateways(Set<String> troubled) {
    Map<String, Note> next = new HashMap<>();
    Set<String> those = new HashSet<>(troubled);
    those.addAll(gateways.keySet());
    if (all && !looked) {
      looked = true;
      those.addAll(resources);
    }
    List<News> news = new ArrayList<>();
    for (String unit : those) {
      if (unit.startsWith(GATEWAY)) {
        Note note = gateway(unit, troubles.get(unit), gateways.get(unit));
        if (!note.equals(gateways.get(unit))) {
          news.add(new News(note, !gateways.containsKey(unit)));
        }
        if (troubled.contains(unit) || !all) {
          next.put(unit, note);
        }
      }
    }
    gateways = next;
    return news;
  }

  private Note gateway(String unit, @Nullable Troubles now, @Nullable Note before) {
    if (now == null && before != null && !all) {
      return before;
    }
    String name = unit.substring(GATEWAY.length());
    int slash = name.indexOf('/');
    return Note.gateway(
        name.substring(0, slash), name.substring(slash + 1), now == null ? Troubles.NONE : now);
  }

  private static Troubles troubles(List<GatewayTrouble> all) {
    String first = cut(all.get(0).toString());
    String more = all.size() == 1 ? "" : " (and " + (all.size() - 1) + " more)";
    String message =
        all.stream()
            .limit(MOST_TROUBLES)
            .map(GatewayTrouble::sentence)
            .collect(Collectors.joining("\n"));
    return new Troubles(first + more, message);
  }

  private Note with(String unit, Note note) {
    Optional<Troubles> its =
        Optional.ofNullable(troubles.get(unit))
            .or(() -> all ? Optional.of(Troubles.NONE) : Optional.empty());
    return note.with(its);
  }

  private static String cut(String line) {
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
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
    return note(unit, false, cut(first) + more, state + "; " + ProblemText.refusal(own));
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
