package dev.weft.config.settings;

import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;

/** {@code enabled: false}: what holds for all does not hold for some rules. */
final class Switched {

  private Switched() {}

  /**
   * Notes what stands beside it.
   *
   * @param more whether there is anything
   */
  static void off(Fields fields, boolean more) {
    if (more) {
      fields.error(
          Codes.CONFLICT,
          "enabled",
          "enabled: false beside other fields (expected: nothing else)",
          "enabled: false alone asks nothing for these rules");
    }
  }
}
