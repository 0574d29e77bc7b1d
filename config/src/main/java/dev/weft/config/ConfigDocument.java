package dev.weft.config;

import java.util.Optional;

/**
 * A text to load.
 *
 * @param unit the unit of refusal that it belongs to: a folder, or one ConfigMap. An error in one
 *     text refuses all texts of its unit
 * @param name as the user knows it, for places: a path, or {@code configmap:prod/routes#a.yaml}
 * @param text one or more YAML documents
 * @param within the only namespace whose resources it may define, and no Secret: who may write
 *     ConfigMaps in one namespace must not steer another. Empty for no such bound
 */
public record ConfigDocument(String unit, String name, String text, Optional<String> within) {

  /** A text that may define anything. */
  public ConfigDocument(String unit, String name, String text) {
    this(unit, name, text, Optional.empty());
  }
}
