package dev.weft.config;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The units of a configuration (a folder is one, each ConfigMap is one) as they are wanted and as
 * they were last good. A unit with an error keeps its last good version while the others apply.
 *
 * <p>One thread at a time.
 */
public final class ConfigUnits {

  private final Map<String, List<ConfigDocument>> wanted = new LinkedHashMap<>();
  private final Map<String, List<ConfigDocument>> good = new LinkedHashMap<>();
  private final ConfigLoader loader = new ConfigLoader();
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

  /** Takes what was good before a restart. */
  public void remember(Map<String, List<ConfigDocument>> units) {
    good.putAll(units);
  }

  /** The units that serve, or served last. */
  public Map<String, List<ConfigDocument>> good() {
    return Map.copyOf(good);
  }

  /** What was good before a restart, until the sources tell what there is; empty once they did. */
  public Outcome restored() {
    LoadResult kept = loader.read(all(good));
    boolean serve = !serves && !good.isEmpty() && kept.accepted();
    return serve ? served(kept, good, List.of(), false) : nothing(List.of(), false);
  }

  /**
   * A unit that was good before a restart counts as wanted again, until its source tells what there
   * is.
   *
   * @return what to do about it: nothing where there is no such unit
   */
  public Outcome restored(String unit) {
    List<ConfigDocument> kept = good.getOrDefault(unit, List.of());
    return kept.isEmpty() ? nothing(List.of(), false) : change(Map.of(unit, kept));
  }

  /**
   * Some units have these texts now; one without any is gone. Together they are one change.
   *
   * @return what to do about it
   */
  public Outcome change(Map<String, List<ConfigDocument>> units) {
    units.forEach(
        (unit, documents) -> {
          if (documents.isEmpty()) {
            wanted.remove(unit);
          } else {
            wanted.put(unit, documents);
          }
        });
    LoadResult result = loader.read(all(wanted));
    if (result.accepted()) {
      return served(result, wanted, result.problems(), false);
    }
    Set<String> broken = broken(result);
    Map<String, List<ConfigDocument>> mixed = new LinkedHashMap<>();
    wanted.forEach(
        (unit, documents) ->
            mixed.put(
                unit, broken.contains(unit) ? good.getOrDefault(unit, List.of()) : documents));
    boolean same = serves && (broken.size() == wanted.size() || mixed.equals(good));
    if (same || all(mixed).isEmpty()) {
      return nothing(result.problems(), true);
    }
    LoadResult rest = ConfigLoader.load(all(mixed));
    return rest.accepted()
        ? served(rest, mixed, result.problems(), true)
        : nothing(result.problems(), true);
  }

  private Set<String> broken(LoadResult result) {
    Set<String> files =
        result.problems().stream()
            .filter(Problem::error)
            .map(problem -> problem.place().file())
            .collect(Collectors.toSet());
    Set<String> broken = new HashSet<>();
    wanted.forEach(
        (unit, documents) -> {
          if (documents.stream().map(ConfigDocument::name).anyMatch(files::contains)) {
            broken.add(unit);
          }
        });
    return broken;
  }

  private Outcome served(
      LoadResult result,
      Map<String, List<ConfigDocument>> units,
      List<Problem> problems,
      boolean refused) {
    Map<String, List<ConfigDocument>> kept = new LinkedHashMap<>(units);
    good.clear();
    good.putAll(kept);
    serves = true;
    return new Outcome(Optional.of(result.config()), List.copyOf(kept.keySet()), problems, refused);
  }

  private static Outcome nothing(List<Problem> problems, boolean refused) {
    return new Outcome(Optional.empty(), List.of(), problems, refused);
  }

  private static List<ConfigDocument> all(Map<String, List<ConfigDocument>> units) {
    return units.values().stream().flatMap(List::stream).toList();
  }
}
