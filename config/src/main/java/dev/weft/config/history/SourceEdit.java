package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import dev.weft.config.problem.Problem;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A text of a source that shall become another, there and in what serves.
 *
 * @param source that it is of
 * @param before as it was when the edit was made
 * @param after with the same name and unit
 * @param writer of the source
 */
public record SourceEdit(
    String source, ConfigDocument before, ConfigDocument after, SourceWriter writer)
    implements SourceChange {

  /**
   * Written first, so that what serves is never without its source. Refused where the source tells
   * another text by now, or the edit has errors.
   */
  @Override
  public ConfigUnits.Outcome on(ConfigUnits units) throws IOException {
    Map<String, Map<String, List<ConfigDocument>>> wanted = units.wanted();
    Map<String, List<ConfigDocument>> now = wanted.getOrDefault(source, Map.of());
    Map<String, List<ConfigDocument>> then = edited(now);
    if (then.equals(now)) {
      throw new IllegalArgumentException(before.name() + ": it was changed meanwhile; look again");
    }
    for (Map.Entry<String, List<ConfigDocument>> unit : then.entrySet()) {
      if (!unit.getValue().equals(now.get(unit.getKey()))) {
        check(units, unit.getValue());
      }
    }
    writer.write(now, then);
    Map<String, Map<String, List<ConfigDocument>>> all = new LinkedHashMap<>();
    wanted.forEach((one, mine) -> all.put(one, edited(mine))); // two sources may select one unit
    return units.restore(all);
  }

  private Map<String, List<ConfigDocument>> edited(Map<String, List<ConfigDocument>> units) {
    Map<String, List<ConfigDocument>> all = new LinkedHashMap<>(units);
    all.replaceAll(
        (unit, documents) ->
            documents.stream().map(one -> one.equals(before) ? after : one).toList());
    return all;
  }

  private void check(ConfigUnits units, List<ConfigDocument> documents) {
    List<Problem> errors =
        units.trial().problems(before.unit(), documents).stream().filter(Problem::error).toList();
    if (!errors.isEmpty()) {
      String more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : "";
      String first = errors.get(0).toString().replace("\n  hint:", "; hint:");
      throw new IllegalArgumentException("not applied: " + first + more);
    }
  }
}
