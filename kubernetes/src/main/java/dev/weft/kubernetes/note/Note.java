package dev.weft.kubernetes.note;

import java.util.Optional;

/**
 * What became of what its owner wrote.
 *
 * @param on what it stands on
 * @param namespace of that
 * @param name of that
 * @param applied whether it serves; else it was refused
 * @param status one line for the annotation {@code weft.dev/status}, e.g. {@code applied v42}
 * @param message for the Event, some lines
 * @param troubles what does not work of what is applied; empty where that is not known yet, so that
 *     what was told of it before stays
 */
public record Note(
    On on,
    String namespace,
    String name,
    boolean applied,
    String status,
    String message,
    Optional<Troubles> troubles) {

  /** Where it is written. */
  public enum On {
    /** A ConfigMap. */
    CONFIG_MAP,
    /** A Gateway resource, which is told of troubles alone. */
    GATEWAY
  }

  /** On a ConfigMap, of which nothing is known of troubles. */
  public Note(String namespace, String name, boolean applied, String status, String message) {
    this(On.CONFIG_MAP, namespace, name, applied, status, message, Optional.empty());
  }

  /** On a Gateway resource. */
  public static Note gateway(String namespace, String name, Troubles troubles) {
    return new Note(On.GATEWAY, namespace, name, true, "", "", Optional.of(troubles));
  }

  /** The same, with these troubles. */
  public Note with(Optional<Troubles> other) {
    return new Note(on, namespace, name, applied, status, message, other);
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
