package dev.weft.routing.stage.external;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Names of headers, some by how they begin or end. Immutable.
 *
 * <p>Source: Istio {@code ExtensionProvider}: {@code abc}, {@code abc*}, {@code *abc}.
 */
final class HeaderNames {

  static final HeaderNames NONE = new HeaderNames(List.of());

  private final Set<String> exact = new HashSet<>();
  private final List<String> beginnings = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();

  /**
   * @param words in lower case
   */
  HeaderNames(List<String> words) {
    for (String word : words) {
      if (word.endsWith("*")) {
        beginnings.add(word.substring(0, word.length() - 1));
      } else if (word.startsWith("*")) {
        ends.add(word.substring(1));
      } else {
        exact.add(word);
      }
    }
  }

  boolean none() {
    return exact.isEmpty() && beginnings.isEmpty() && ends.isEmpty();
  }

  /**
   * @param name in lower case
   */
  boolean match(String name) {
    return exact.contains(name)
        || beginnings.stream().anyMatch(name::startsWith)
        || ends.stream().anyMatch(name::endsWith);
  }
}
