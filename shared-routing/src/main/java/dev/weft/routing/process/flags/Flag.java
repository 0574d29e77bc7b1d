package dev.weft.routing.process.flags;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A flag of a command.
 *
 * @param name with its dashes, e.g. {@code --state-dir}
 * @param label of its value, e.g. {@code PATH}; empty where it takes none
 * @param otherwise its value where none is given
 * @param about lines for {@code --help}, which does not tell of a flag without any
 */
public record Flag(
    String name, String label, Takes takes, Optional<String> otherwise, List<String> about) {

  /** How many values it takes. */
  public enum Takes {
    NOTHING,
    ONE,
    SEVERAL, // one each time it is given
    LISTS // any number each time it is given, with commas between
  }

  public Flag {
    about = List.copyOf(about);
  }

  /** Given or not. */
  public static Flag alone(String name, String... about) {
    return new Flag(name, "", Takes.NOTHING, Optional.empty(), List.of(about));
  }

  public static Flag one(String name, String label, String... about) {
    return new Flag(name, label, Takes.ONE, Optional.empty(), List.of(about));
  }

  public static Flag several(String name, String label, String... about) {
    return new Flag(name, label, Takes.SEVERAL, Optional.empty(), List.of(about));
  }

  public static Flag lists(String name, String label, String... about) {
    return new Flag(name, label, Takes.LISTS, Optional.empty(), List.of(about));
  }

  public Flag or(String value) {
    return new Flag(name, label, takes, Optional.of(value), about);
  }

  /** The variable of the environment that stands for it: WEFT_STATE_DIR. */
  String variable() {
    return "WEFT_" + name.substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** For {@code --help}: {@code --labels K=V[,K=V...]}. */
  String usage() {
    return switch (takes) {
      case NOTHING -> name;
      case ONE, SEVERAL -> name + " " + label;
      case LISTS -> name + " " + label + "[," + label + "...]";
    };
  }
}
