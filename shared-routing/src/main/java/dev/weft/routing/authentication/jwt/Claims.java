package dev.weft.routing.authentication.jwt;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a token says.
 *
 * <p>Source: RFC 7519 section 4.1.
 */
public final class Claims {

  private final Map<String, Object> all;

  Claims(Map<String, Object> all) {
    this.all = all;
  }

  /** By name: texts, numbers, truths, lists, mappings. */
  public Map<String, Object> all() {
    return all;
  }

  /** A text; empty where there is none. */
  public String text(String name) throws Refused {
    Object value = all.get(name);
    if (value == null) {
      return "";
    }
    if (value instanceof String text) {
      return text;
    }
    throw new Refused(TokenFault.CLAIMS);
  }

  /** One text or several. */
  public List<String> texts(String name) throws Refused {
    Object value = all.get(name);
    if (value == null) {
      return List.of();
    }
    List<?> list = value instanceof List<?> several ? several : List.of(value);
    if (list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw new Refused(TokenFault.CLAIMS);
  }

  /** Seconds since 1970; empty where it does not say. */
  public OptionalLong seconds(String name) throws Refused {
    Object value = all.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof Number number) {
      return OptionalLong.of((long) number.doubleValue()); // past a long's range: its last one
    }
    throw new Refused(TokenFault.CLAIMS);
  }

  /**
   * A claim for a header; null where it is none that one line of text can tell.
   *
   * @param path its name, or with dots those of claims around it
   */
  public @Nullable String line(String path) {
    Object value = all.containsKey(path) ? all.get(path) : within(path);
    boolean whole =
        value instanceof Integer
            || value instanceof Long
            || value instanceof java.math.BigInteger
            || value instanceof Boolean;
    if (whole) {
      return String.valueOf(value);
    }
    return value instanceof String text ? HeaderText.of(text) : null;
  }

  private @Nullable Object within(String path) {
    Object at = all;
    for (String name : path.split("\\.", -1)) {
      at = at instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return at;
  }
}
