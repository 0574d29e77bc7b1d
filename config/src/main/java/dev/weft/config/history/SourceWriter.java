package dev.weft.config.history;

import dev.weft.config.ConfigDocument;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes a source of configuration, so that it holds what it held before. Not for event loops. */
public interface SourceWriter {

  /**
   * Makes its units what they were. What somebody changed meanwhile is left alone.
   *
   * @param now units that it held when it was read last
   * @param then units that it shall hold
   * @throws IOException with one sentence where that cannot be, or not whole
   */
  void write(Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then)
      throws IOException;

  /**
   * What it can make of units.
   *
   * @param now units that it holds
   * @param then units that it should hold
   */
  default Map<String, List<ConfigDocument>> attainable(
      Map<String, List<ConfigDocument>> now, Map<String, List<ConfigDocument>> then) {
    return then;
  }
}
