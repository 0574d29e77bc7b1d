package dev.weft.control.inject;

import java.util.List;

/**
 * What becomes of a pod.
 *
 * @param patch empty where it is left as it is
 * @param warnings what the pod's owner should know, a sentence each
 */
public record Injection(JsonPatch patch, List<String> warnings) {
  public Injection {
    warnings = List.copyOf(warnings);
  }
}
