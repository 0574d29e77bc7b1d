package dev.weft.config.codec;

/**
 * One resource of a checked configuration, whichever kind it is of.
 *
 * @param name {@code Kind/namespace/name}, which no other one has
 * @param value of the model, never changing
 */
public record Resource(String name, Object value) {

  /** The name alone: the value may hold secrets. */
  @Override
  public String toString() {
    return name;
  }
}
