package dev.weft.control.stream;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who looks at the configuration, by what others say of it.
 *
 * @param namespace of its certificate
 * @param labels of the pod that the certificate was issued to; empty where they are not known
 */
record Viewer(String namespace, Optional<Map<String, String>> labels) {

  Viewer {
    labels = labels.map(Map::copyOf);
  }

  /** With the labels that it has now. */
  Viewer labelled(Map<String, String> now) {
    return new Viewer(namespace, Optional.of(now));
  }

  /** Whether what a selector chooses may hold for it. */
  boolean mayBe(Map<String, String> selector) {
    return labels.map(own -> own.entrySet().containsAll(selector.entrySet())).orElse(true);
  }

  /** With those labels alone that make a difference, so that many are the same. */
  Viewer by(Set<String> keys) {
    return new Viewer(
        namespace,
        labels.map(
            own ->
                own.entrySet().stream()
                    .filter(label -> keys.contains(label.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue))));
  }
}
