package dev.weft.kubernetes.note;

import java.util.Optional;

/**
 * What became of a ConfigMap's configuration.
 *
 * @param namespace of the ConfigMap
 * @param name of the ConfigMap
 * @param applied whether it serves; else it was refused
 * @param status one line for the annotation {@code weft.dev/status}, e.g. {@code applied v42}
 * @param message for the Event, some lines
 * @param troubles what does not work of what is applied; empty where that is not known yet, so that
 *     what was told of it before stays
 */
public record Note(
    String namespace,
    String name,
    boolean applied,
    String status,
    String message,
    Optional<Troubles> troubles) {

  /** Nothing is known of troubles. */
  public Note(String namespace, String name, boolean applied, String status, String message) {
    this(namespace, name, applied, status, message, Optional.empty());
  }

  /**
   * What does not work at gateways.
   *
   * @param line for the annotation, behind the status; empty where all works
   * @param message for the Event, some lines; the same as long as the same does not work
   */
  public record Troubles(String line, String message) {

    /** All works. */
    public static final Troubles NONE = new Troubles("", "");
  }
}
