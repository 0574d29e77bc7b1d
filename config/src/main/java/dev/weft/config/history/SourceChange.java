package dev.weft.config.history;

import dev.weft.config.ConfigUnits;
import java.io.IOException;

/** What somebody wants to be otherwise in the texts of sources. */
public interface SourceChange {

  /**
   * Makes the change. Blocks.
   *
   * @return what to serve from now on
   * @throws IllegalArgumentException with a sentence where it cannot be made as it is; nothing is
   *     changed then
   * @throws IOException with a sentence where it cannot be written; nothing is changed then
   */
  ConfigUnits.Outcome on(ConfigUnits units) throws IOException;
}
