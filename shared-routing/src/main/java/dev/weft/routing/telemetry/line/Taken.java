package dev.weft.routing.telemetry.line;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values of headers that lines ask for, by reference, since what they belong to may go on. Secrets
 * are left out here: whoever writes lines never has them.
 */
public final class Taken {

  /** Nothing was asked for. */
  public static final Taken NOTHING = new Taken(List.of(), new String[0]);

  /** What stands for a value that is never logged. */
  public static final String REDACTED = "[redacted]";

  private final List<String> names;
  private final @Nullable String[] values; // by the place of their names; never changed

  private Taken(List<String> names, @Nullable String[] values) {
    this.names = names;
    this.values = values;
  }

  /**
   * Takes along what is asked for. One array is allocated.
   *
   * @param names in lower case, few
   * @param redacted whose values are not taken
   * @param headers the value of a header; null where there is none
   */
  public static Taken of(
      List<String> names, Set<String> redacted, Function<String, @Nullable String> headers) {
    if (names.isEmpty()) {
      return NOTHING;
    }
    @Nullable String[] values = new String[names.size()];
    for (int i = 0; i < values.length; i++) {
      String value = headers.apply(names.get(i));
      values[i] = value != null && redacted.contains(names.get(i)) ? REDACTED : value;
    }
    return new Taken(names, values);
  }

  /** A value; empty where the header was absent, or nobody asked for it. */
  public Optional<String> value(String name) {
    int at = names.indexOf(name);
    return at < 0 ? Optional.empty() : Optional.ofNullable(values[at]);
  }
}
