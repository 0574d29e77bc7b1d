package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigUnits;
import java.util.List;
import java.util.Map;

/**
 * Some sources count as having the units of before, until they tell something else; they are
 * written afterwards.
 */
public final class Restoration implements SourceChange {

  private final Map<String, Map<String, List<ConfigDocument>>> units;
  private volatile Map<String, Map<String, List<ConfigDocument>>> before = Map.of();

  /**
   * @param units by source and unit
   */
  public Restoration(Map<String, Map<String, List<ConfigDocument>>> units) {
    this.units = Map.copyOf(units);
  }

  @Override
  public ConfigUnits.Outcome on(ConfigUnits all) {
    before = all.wanted();
    return all.restore(units);
  }

  /** What all sources wanted when it was made; empty before. */
  public Map<String, Map<String, List<ConfigDocument>>> before() {
    return before;
  }
}
