package dev.weft.kubernetes;

import java.util.Optional;

/**
 * Which ConfigMaps hold configuration: one by its name, or all of a namespace with certain labels.
 *
 * @param name of the one; empty for those that {@code selector} picks
 * @param selector as {@code kubectl -l} takes it; empty for the one by its name
 */
public record ConfigMapSelection(
    String namespace, Optional<String> name, Optional<String> selector) {

  private static final String SCHEME = "configmap:";
  private static final String LABEL = "label=";
  private static final String EXPECTED =
      " (expected: configmap:NAMESPACE/NAME or configmap:NAMESPACE?label=SELECTOR)";
  private static final int MOST_NAMESPACE = 63;
  private static final int MOST_NAME = 253;

  /**
   * Reads {@code configmap:NAMESPACE/NAME} or {@code configmap:NAMESPACE?label=SELECTOR}.
   *
   * @throws IllegalArgumentException when it is neither; the message says what would be
   */
  public static ConfigMapSelection parse(String text) {
    String rest = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : "";
    int question = rest.indexOf('?');
    int slash = rest.indexOf('/');
    if (question > 0) {
      String namespace = rest.substring(0, question);
      String query = rest.substring(question + 1);
      if (valid(namespace, MOST_NAMESPACE) && query.startsWith(LABEL)) {
        String selector = query.substring(LABEL.length());
        if (!selector.isBlank()) {
          return new ConfigMapSelection(namespace, Optional.empty(), Optional.of(selector));
        }
      }
    } else if (slash > 0) {
      String namespace = rest.substring(0, slash);
      String name = rest.substring(slash + 1);
      if (valid(namespace, MOST_NAMESPACE) && valid(name, MOST_NAME)) {
        return new ConfigMapSelection(namespace, Optional.of(name), Optional.empty());
      }
    }
    throw new IllegalArgumentException("config: " + text + EXPECTED);
  }

  private static boolean valid(String name, int most) {
    return !name.isEmpty()
        && name.length() <= most
        && name.chars()
            .allMatch(
                each ->
                    (each >= 'a' && each <= 'z')
                        || (each >= '0' && each <= '9')
                        || each == '-'
                        || (each == '.' && most == MOST_NAME));
  }

  /** As it was written. */
  @Override
  public String toString() {
    return SCHEME
        + namespace
        + name.map(each -> "/" + each).orElse("")
        + selector.map(each -> "?" + LABEL + each).orElse("");
  }
}
