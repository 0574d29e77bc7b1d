package dev.weft.routing.admin.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Small numbers that stand for what is large, for as long as something uses them. Not for several
 * threads at once.
 *
 * @param <T> what the numbers stand for
 */
final class Names<T> {

  private final int most;
  private final Map<T, Integer> numbers = new HashMap<>();
  private final List<@Nullable T> names = new ArrayList<>();
  private final List<Integer> uses = new ArrayList<>();
  private final List<Integer> free = new ArrayList<>();

  /**
   * @param most how many are told apart
   */
  Names(int most) {
    this.most = most;
  }

  /** The number of {@code name}, used once more; empty where there are as many as may be. */
  Optional<Integer> use(T name) {
    Integer known = numbers.get(name);
    if (known == null) {
      if (numbers.size() >= most) {
        return Optional.empty();
      }
      known = free.isEmpty() ? names.size() : free.remove(free.size() - 1);
      if (known == names.size()) {
        names.add(name);
        uses.add(0);
      } else {
        names.set(known, name);
      }
      numbers.put(name, known);
    }
    uses.set(known, uses.get(known) + 1);
    return Optional.of(known);
  }

  /** What {@code number} stands for. */
  Optional<T> name(int number) {
    return Optional.ofNullable(names.get(number));
  }

  /** One use of {@code number} is over; with the last one it may stand for something else. */
  void release(int number) {
    int left = uses.get(number) - 1;
    uses.set(number, left);
    if (left == 0) {
      T name = names.set(number, null);
      numbers.remove(name);
      free.add(number);
    }
  }

  /** Whether it has a number. */
  boolean known(T name) {
    return numbers.containsKey(name);
  }

  int size() {
    return numbers.size();
  }
}
