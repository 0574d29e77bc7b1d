package dev.weft.routing.route.tcp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What there is for hosts: a name, {@code *.suffix}, {@code *}. A look-up costs as many steps as a
 * name has labels, however many hosts there are. Immutable.
 */
public final class HostIndex<T> {

  private final Map<String, T> exact = new HashMap<>();
  private final Map<String, T> suffixes = new HashMap<>(); // "" stands for *

  /**
   * @param byHost in lower case
   */
  public HostIndex(Map<String, T> byHost) {
    byHost.forEach(
        (host, one) -> {
          if (host.equals("*")) {
            suffixes.put("", one);
          } else if (host.startsWith("*.")) {
            suffixes.put(host.substring(2), one);
          } else {
            exact.put(host, one);
          }
        });
  }

  /** Whether there is nothing at all. */
  public boolean isEmpty() {
    return exact.isEmpty() && suffixes.isEmpty();
  }

  /** What is for the closest host: the name itself, then the longest suffix of it. */
  public Optional<T> closest(String name) {
    return Optional.ofNullable(found(name));
  }

  /** As the other; allocates nothing. */
  public T closestOr(String name, T absent) {
    @Nullable T found = found(name);
    return found == null ? absent : found;
  }

  private @Nullable T found(String name) {
    @Nullable T found = exact.get(name);
    for (int dot = name.indexOf('.'); found == null && dot >= 0; ) {
      found = suffixes.get(name.substring(dot + 1));
      dot = name.indexOf('.', dot + 1);
    }
    return found == null ? suffixes.get("") : found;
  }

  /** The first result of those that hold for a name, the closest first. */
  public <R> Optional<R> first(String name, Function<T, Optional<R>> of) {
    Optional<R> found = of(exact.get(name), of);
    for (int dot = name.indexOf('.'); found.isEmpty() && dot >= 0; ) {
      found = of(suffixes.get(name.substring(dot + 1)), of);
      dot = name.indexOf('.', dot + 1);
    }
    return found.isPresent() ? found : of(suffixes.get(""), of);
  }

  private static <T, R> Optional<R> of(@Nullable T one, Function<T, Optional<R>> of) {
    return one == null ? Optional.empty() : of.apply(one);
  }
}
