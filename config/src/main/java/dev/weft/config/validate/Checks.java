package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.problem.Problems;

/** All that can be wrong between resources; what is wrong within one is told where it is read. */
public final class Checks {

  private Checks() {}

  /**
   * @param config as it was read, delegates not yet merged
   */
  public static void all(MeshConfig config, Problems problems) {
    Catalogue catalogue = new Catalogue(config);
    References.check(config, catalogue, problems);
    Attachments.check(config, problems);
    Overlaps.check(config, problems);
    Rules.check(config, catalogue, problems);
    Identities.check(config, problems);
    Protected.check(config, problems);
    Providers.check(config, catalogue, problems);
    RemovedTags.check(config, problems);
  }

  /**
   * What speaks of rules by their names.
   *
   * @param config delegates already merged
   */
  public static void named(MeshConfig config, Problems problems) {
    SettingsChecks.check(config, problems);
  }
}
