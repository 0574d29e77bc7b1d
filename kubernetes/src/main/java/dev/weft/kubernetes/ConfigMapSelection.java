package dev.weft.kubernetes;

import java.util.Optional;

/**
 * Which ConfigMaps hold configuration: one by its name, or all of a namespace, or of all
 * namespaces, with certain labels.
 *
 * @param namespace that they are in; empty for all
 * @param name of the one; empty for those that {@code selector} picks
 * @param selector as {@code kubectl -l} takes it; empty for the one by its name
 */
public record ConfigMapSelection(
    Optional<String> namespace, Optional<String> name, Optional<String> selector) {

  /** By which those of all namespaces are picked where nothing else is said. */
  static final String USUAL = "weft.dev/config=true";

  private static final String SCHEME = "configmap:";
  private static final String LABEL = "label=";
  private static final String ALL = "*";
  private static final String EXPECTED =
      " (expected: configmap:NAMESPACE/NAME, configmap:NAMESPACE?label=SELECTOR, configmap:* or"
          + " configmap:*?label=SELECTOR)";
  private static final int MOST_NAMESPACE = 63;
  private static final int MOST_NAME = 253;

  /**
   * Reads {@code configmap:NAMESPACE/NAME} or {@code configmap:NAMESPACE?label=SELECTOR}, with
   * {@code *} for all namespaces, or {@code configmap:*}, which means those with {@link #USUAL}.
   *
   * @throws IllegalArgumentException when it is neither; the message says what would be
   */
  public static ConfigMapSelection parse(String text) {
    String rest = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : "";
    int question = rest.indexOf('?');
    int slash = rest.indexOf('/');
    Optional<ConfigMapSelection> read =
        question >= 0
            ? labelled(rest.substring(0, question), rest.substring(question + 1))
            : rest.equals(ALL)
                ? labelled(ALL, LABEL + USUAL)
                : named(rest.substring(0, Math.max(slash, 0)), rest.substring(slash + 1));
    return read.orElseThrow(() -> new IllegalArgumentException("config: " + text + EXPECTED));
  }

  private static Optional<ConfigMapSelection> labelled(String namespace, String query) {
    String selector = query.startsWith(LABEL) ? query.substring(LABEL.length()) : "";
    boolean all = namespace.equals(ALL);
    return selector.isBlank() || (!all && !valid(namespace, MOST_NAMESPACE))
        ? Optional.empty()
        : Optional.of(
            new ConfigMapSelection(
                Optional.of(namespace).filter(one -> !all),
                Optional.empty(),
                Optional.of(selector)));
  }

  private static Optional<ConfigMapSelection> named(String namespace, String name) {
    return valid(namespace, MOST_NAMESPACE) && valid(name, MOST_NAME)
        ? Optional.of(
            new ConfigMapSelection(Optional.of(namespace), Optional.of(name), Optional.empty()))
        : Optional.empty();
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
        + namespace.orElse(ALL)
        + name.map(each -> "/" + each).orElse("")
        + selector.map(each -> "?" + LABEL + each).orElse("");
  }
}
