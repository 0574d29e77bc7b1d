package dev.weft.config.model.core;

import dev.weft.config.model.Meta;
import java.util.Map;

/** A core/v1 Secret that a {@code credentialName} may mean. Prints nothing of what it holds. */
public record Secret(Meta meta, Map<String, String> data) {

  public Secret {
    data = Map.copyOf(data);
  }

  @Override
  public String toString() {
    return "Secret " + meta.qualifiedName() + " [redacted]";
  }
}
