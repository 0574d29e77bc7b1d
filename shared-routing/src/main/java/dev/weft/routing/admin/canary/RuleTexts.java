package dev.weft.routing.admin.canary;

import dev.weft.config.ConfigDocument;
import dev.weft.config.history.RuleWeights;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/**
 * Weights by the places of their rules, of texts that serve; each text is read once. Any thread.
 */
final class RuleTexts {

  private final Map<ConfigDocument, Map<String, RuleWeights>> read = new HashMap<>();

  /** By {@code file:line:column}. */
  synchronized Map<String, RuleWeights> rules(ConfigDocument document) {
    return read.computeIfAbsent(document, RuleTexts::parsed);
  }

  private static Map<String, RuleWeights> parsed(ConfigDocument document) {
    Map<String, RuleWeights> rules = new HashMap<>();
    RuleWeights.of(document).forEach((place, weights) -> rules.put(place.toString(), weights));
    return rules;
  }

  /** Forgets all others. */
  synchronized void retain(Collection<ConfigDocument> serving) {
    read.keySet().retainAll(new HashSet<>(serving));
  }
}
