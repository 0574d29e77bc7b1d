package dev.weft.config.model.settings;

/**
 * How a proxy sheds what is too much for it.
 *
 * @param maxInFlight requests at once, 0 for no limit; of {@code STATIC} the limit itself
 */
public record Overload(Mode mode, int maxInFlight) {

  /** What holds where nothing is said. */
  public static final Overload DEFAULT = new Overload(Mode.ADAPTIVE, 0);

  /** Who finds the limit. */
  public enum Mode {
    /** The proxy, by how long answers take. */
    ADAPTIVE,
    /** The user. */
    STATIC,
    /** Nobody: nothing is shed. */
    OFF
  }
}
