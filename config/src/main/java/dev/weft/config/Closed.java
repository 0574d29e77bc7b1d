package dev.weft.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Stands for a unit with errors of which no good version is known, where it says who may do what:
 * without it more would be open than was meant, and with errors nobody knows how much less. Nobody
 * may do anything in its namespace.
 */
final class Closed {

  private static final String SECURITY = "security.istio.io";

  private Closed() {}

  /**
   * @return nothing to be added where it says nothing of security; empty where it may speak of any
   *     namespace, so that nothing may serve at all
   */
  static Optional<List<ConfigDocument>> instead(String unit, List<ConfigDocument> documents) {
    if (documents.stream().noneMatch(one -> one.text().contains(SECURITY))) {
      return Optional.of(List.of());
    }
    Set<String> namespaces = new TreeSet<>();
    for (ConfigDocument document : documents) {
      if (document.within().isEmpty()) {
        return Optional.empty();
      }
      namespaces.add(document.within().get());
    }
    return Optional.of(namespaces.stream().map(one -> denying(unit, one)).toList());
  }

  private static ConfigDocument denying(String unit, String namespace) {
    String text =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: refused-%08x, namespace: %s}
        spec: {}
        """
            .formatted(unit.hashCode(), namespace);
    return new ConfigDocument(unit, unit + " (refused)", text, Optional.of(namespace));
  }
}
