package dev.weft.config;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The units of a configuration (a folder is one, each ConfigMap is one), by the sources that they
 * come from, as they are wanted and as they were last good. A unit with an error keeps its last
 * good version while the others apply. One that has none, says who may do what, and is there when
 * serving begins closes its namespace ({@link Closed}); later, what serves goes on without it.
 *
 * <p>Of two units that claim one name, the one that serves keeps it, whichever source is its own.
 *
 * <p>Nothing serves before every source has told what it has: what one does not tell yet is not
 * known to be nothing. What a source held before a restart stands for it where it is asked for with
 * {@link #restored}.
 *
 * <p>One thread at a time.
 */
public final class ConfigUnits {

  private final List<String> sources;
  private final Set<String> silent; // sources that told nothing yet
  private final Map<String, Map<String, List<ConfigDocument>>> wanted = new LinkedHashMap<>();
  private final Map<String, Map<String, List<ConfigDocument>>> good = new LinkedHashMap<>();
  private final ConfigLoader loader = new ConfigLoader();
  private Trial trial = Trial.NONE;
  private List<Problem> problems = List.of(); // of what is wanted
  private boolean serves;

  /**
   * What a change led to.
   *
   * @param config to serve from now on; empty where what serves goes on
   * @param units that it is made of
   * @param problems of what is wanted, applied or not
   * @param refused whether a unit with errors was not taken
   */
  public record Outcome(
      Optional<MeshConfig> config, List<String> units, List<Problem> problems, boolean refused) {
    public Outcome {
      units = List.copyOf(units);
      problems = List.copyOf(problems);
    }
  }

  /**
   * @param sources all that there are, by the names that tell of them, in the order that was given:
   *     of two that bring a name at once, the later one is told of it
   */
  public ConfigUnits(List<String> sources) {
    this.sources = List.copyOf(sources);
    this.silent = new HashSet<>(sources);
  }

  /** Takes what was good before a restart; of sources that are none any more, nothing. */
  public void remember(Map<String, Map<String, List<ConfigDocument>>> units) {
    units.forEach(
        (source, kept) -> {
          if (silent.contains(source)) {
            good.put(source, kept);
          }
        });
  }

  /** What serves, or served last: units by source. */
  public Map<String, Map<String, List<ConfigDocument>>> good() {
    return copy(good);
  }

  /** On what is wanted now an edit may be tried; on nothing before every source has told. */
  public Trial trial() {
    return trial;
  }

  /** What the sources tell: units by source. */
  public Map<String, Map<String, List<ConfigDocument>>> wanted() {
    return copy(wanted);
  }

  /** The texts that problems stand in: those that are wanted, then others that serve still. */
  public List<ConfigDocument> texts() {
    return Stream.of(wanted, good)
        .flatMap(units -> units.values().stream())
        .flatMap(units -> units.values().stream())
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  /** What is wrong with what is wanted; nothing before every source has told. */
  public List<Problem> problems() {
    return problems;
  }

  /** Whether a source has neither told what it has, nor does anything stand for it. */
  public boolean waits() {
    return silent.stream().anyMatch(source -> !wanted.containsKey(source));
  }

  /** Whether {@link #restored} has something to stand for a source. */
  public boolean keeps(String source) {
    return silent.contains(source) && good.containsKey(source) && !wanted.containsKey(source);
  }

  /**
   * What a source had before a restart counts as wanted, until it tells what there is.
   *
   * @return what to do about it: nothing where it has told already, or nothing is known of before
   */
  public Outcome restored(String source) {
    if (!keeps(source)) {
      return nothing(List.of(), false);
    }
    wanted.put(source, new LinkedHashMap<>(good.get(source)));
    return taken();
  }

  /**
   * A source tells: some units have these texts now; one without any is gone. Together they are one
   * change. What it does not name in its first telling is not there.
   *
   * @return what to do about it; nothing while another source has told nothing yet
   */
  public Outcome change(String source, Map<String, List<ConfigDocument>> units) {
    if (silent.remove(source)) {
      wanted.remove(source);
    }
    Map<String, List<ConfigDocument>> mine =
        wanted.computeIfAbsent(source, first -> new LinkedHashMap<>());
    units.forEach(
        (unit, documents) -> {
          if (documents.isEmpty()) {
            mine.remove(unit);
          } else {
            mine.put(unit, documents);
          }
        });
    return taken();
  }

  /**
   * Some sources count as having these units and no others, until they tell something else.
   *
   * @param units by source, such as {@link #good} told once; sources that told nothing are left out
   * @return what to do about it; nothing while another source has told nothing yet
   */
  public Outcome restore(Map<String, Map<String, List<ConfigDocument>>> units) {
    units.forEach(
        (source, mine) -> wanted.computeIfPresent(source, (any, old) -> new LinkedHashMap<>(mine)));
    return taken();
  }

  private Outcome taken() {
    if (waits()) {
      return nothing(List.of(), false);
    }
    List<ConfigDocument> all = all(wanted);
    LoadResult result = loader.read(all);
    trial = new Trial(all, result.problems(), loader.fork());
    problems = result.problems();
    if (result.accepted()) {
      return served(result, wanted, problems, false);
    }
    Set<String> files = files(result.problems());
    Map<String, Map<String, List<ConfigDocument>>> mixed = mixed(wanted, files);
    boolean same = serves && (mixed.equals(good) || allBroken(files));
    if (same || all(mixed).isEmpty()) {
      return nothing(problems, true);
    }
    if (!serves && !closed(files, mixed)) {
      return nothing(problems, true);
    }
    return rest(result.problems(), mixed);
  }

  /**
   * What was good of one unit may claim what another brings, which is left out in turn; then what
   * only this other one stood in the way of is taken after all.
   */
  private Outcome rest(List<Problem> of, Map<String, Map<String, List<ConfigDocument>>> first) {
    Map<String, Map<String, List<ConfigDocument>>> mixed = first;
    LoadResult rest = loader.fork().read(all(mixed));
    while (!rest.accepted()) {
      problems = together(problems, rest.problems());
      Optional<Map<String, Map<String, List<ConfigDocument>>>> fewer =
          fewer(mixed, files(rest.problems()));
      if (fewer.isEmpty()) {
        return nothing(problems, true);
      }
      mixed = fewer.get();
      rest = loader.fork().read(all(mixed));
    }
    if (!mixed.equals(first)) {
      Map<String, Map<String, List<ConfigDocument>>> more = again(of, mixed);
      LoadResult whole = loader.fork().read(all(more));
      mixed = whole.accepted() ? more : mixed;
      rest = whole.accepted() ? whole : rest;
    }
    problems = ofOthers(mixed);
    return serves && mixed.equals(good)
        ? nothing(problems, true)
        : served(rest, mixed, problems, true);
  }

  /** Empty where that leads nowhere. */
  private Optional<Map<String, Map<String, List<ConfigDocument>>>> fewer(
      Map<String, Map<String, List<ConfigDocument>>> mixed, Set<String> files) {
    Map<String, Map<String, List<ConfigDocument>>> fewer = mixed(mixed, files);
    boolean shut = serves || closed(files, fewer);
    return fewer.equals(mixed) || !shut || all(fewer).isEmpty()
        ? Optional.empty()
        : Optional.of(fewer);
  }

  /** With those that had no error but that another unit came before them. */
  private Map<String, Map<String, List<ConfigDocument>>> again(
      List<Problem> of, Map<String, Map<String, List<ConfigDocument>>> mixed) {
    Set<String> taken = files(of);
    taken.removeAll(
        files(of.stream().filter(one -> !one.code().equals(Codes.DUPLICATE_NAME)).toList()));
    Map<String, Map<String, List<ConfigDocument>>> more = copy(mixed);
    wanted.forEach(
        (source, units) ->
            units.forEach(
                (unit, documents) -> {
                  if (broken(documents, taken)) {
                    more.computeIfAbsent(source, any -> new LinkedHashMap<>()).put(unit, documents);
                  }
                }));
    return more;
  }

  /** The problems without errors of units that serve as they are wanted. */
  private List<Problem> ofOthers(Map<String, Map<String, List<ConfigDocument>>> served) {
    Set<ConfigDocument> taken = new HashSet<>(all(served));
    Set<String> well =
        all(wanted).stream()
            .filter(taken::contains)
            .map(ConfigDocument::name)
            .collect(Collectors.toSet());
    return problems.stream()
        .filter(one -> !one.error() || !well.contains(one.place().file()))
        .toList();
  }

  private static List<Problem> together(List<Problem> known, List<Problem> more) {
    return Stream.concat(known.stream(), more.stream().filter(Problem::error))
        .distinct()
        .sorted()
        .toList();
  }

  private static Set<String> files(List<Problem> problems) {
    return problems.stream()
        .filter(Problem::error)
        .map(problem -> problem.place().file())
        .collect(Collectors.toSet());
  }

  /** These units, but of those with errors what was good. */
  private Map<String, Map<String, List<ConfigDocument>>> mixed(
      Map<String, Map<String, List<ConfigDocument>>> of, Set<String> files) {
    Map<String, Map<String, List<ConfigDocument>>> mixed = new LinkedHashMap<>();
    of.forEach(
        (source, units) -> {
          Map<String, List<ConfigDocument>> before = good.getOrDefault(source, Map.of());
          Map<String, List<ConfigDocument>> mine = new LinkedHashMap<>();
          units.forEach(
              (unit, documents) ->
                  mine.put(
                      unit,
                      broken(documents, files) ? before.getOrDefault(unit, List.of()) : documents));
          mine.values().removeIf(List::isEmpty);
          mixed.put(source, mine);
        });
    return mixed;
  }

  /**
   * Puts something that denies in place of units with errors that nothing stands for.
   *
   * @return whether that could be done for each that needs it
   */
  private boolean closed(Set<String> files, Map<String, Map<String, List<ConfigDocument>>> mixed) {
    for (Map.Entry<String, Map<String, List<ConfigDocument>>> source : wanted.entrySet()) {
      Map<String, List<ConfigDocument>> mine = mixed.getOrDefault(source.getKey(), Map.of());
      for (Map.Entry<String, List<ConfigDocument>> unit : source.getValue().entrySet()) {
        if (mine.containsKey(unit.getKey()) || !broken(unit.getValue(), files)) {
          continue;
        }
        Optional<List<ConfigDocument>> instead = Closed.instead(unit.getKey(), unit.getValue());
        if (instead.isEmpty()) {
          return false;
        }
        if (!instead.get().isEmpty()) {
          mine.put(unit.getKey(), instead.get());
        }
      }
    }
    return true;
  }

  private boolean allBroken(Set<String> files) {
    return wanted.values().stream()
        .flatMap(units -> units.values().stream())
        .allMatch(documents -> broken(documents, files));
  }

  private static boolean broken(List<ConfigDocument> documents, Set<String> files) {
    return documents.stream().map(ConfigDocument::name).anyMatch(files::contains);
  }

  private Outcome served(
      LoadResult result,
      Map<String, Map<String, List<ConfigDocument>>> units,
      List<Problem> problems,
      boolean refused) {
    Map<String, Map<String, List<ConfigDocument>>> kept = copy(units);
    good.clear();
    good.putAll(kept);
    serves = true;
    List<String> names =
        kept.values().stream().flatMap(one -> one.keySet().stream()).distinct().toList();
    return new Outcome(Optional.of(result.config()), names, problems, refused);
  }

  private static Outcome nothing(List<Problem> problems, boolean refused) {
    return new Outcome(Optional.empty(), List.of(), problems, refused);
  }

  private static Map<String, Map<String, List<ConfigDocument>>> copy(
      Map<String, Map<String, List<ConfigDocument>>> units) {
    Map<String, Map<String, List<ConfigDocument>>> copy = new LinkedHashMap<>();
    units.forEach((source, mine) -> copy.put(source, new LinkedHashMap<>(mine)));
    return copy;
  }

  /**
   * All texts, those first that serve, then those of units that serve as they were, then by the
   * order of the sources; what two sources select is one.
   */
  private List<ConfigDocument> all(Map<String, Map<String, List<ConfigDocument>>> units) {
    List<List<ConfigDocument>> ranks =
        List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    Set<String> ordered = new LinkedHashSet<>(sources);
    ordered.addAll(units.keySet());
    for (String source : ordered) {
      Map<String, List<ConfigDocument>> serving = good.getOrDefault(source, Map.of());
      new TreeMap<>(units.getOrDefault(source, Map.of()))
          .forEach(
              (unit, documents) -> {
                boolean same = documents.equals(serving.get(unit));
                int rank = same ? 0 : serving.containsKey(unit) ? 1 : 2;
                ranks.get(rank).addAll(documents);
              });
    }
    return ranks.stream().flatMap(List::stream).distinct().toList();
  }
}
