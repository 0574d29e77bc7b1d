package dev.weft.config.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Header changes of a rule or a destination: set, then add, then remove.
 *
 * <p>Names that begin with {@code :} and {@code host} are not touched, except that a request's
 * {@code host} or {@code :authority} in set or add rewrites the authority.
 *
 * <p>Source: Istio networking/v1 {@code Headers}.
 */
public record HeaderEdits(Edits request, Edits response) {

  /** Among the headers that a request gets: what it goes to. */
  public static final Set<String> AUTHORITY = Set.of("host", ":authority");

  /** Changes nothing. */
  public static final HeaderEdits NONE = new HeaderEdits(Edits.NONE, Edits.NONE);

  /**
   * One direction's changes.
   *
   * @param set overwrites
   * @param add appends to what is there
   * @param remove takes away
   */
  public record Edits(Map<String, String> set, Map<String, String> add, List<String> remove) {

    /** Changes nothing. */
    public static final Edits NONE = new Edits(Map.of(), Map.of(), List.of());

    public Edits {
      set = Map.copyOf(set);
      add = Map.copyOf(add);
      remove = List.copyOf(remove);
    }

    /** What a request's authority becomes by these changes. */
    public Optional<String> authority() {
      return Optional.ofNullable(set.get(":authority"))
          .or(() -> Optional.ofNullable(set.get("host")))
          .or(() -> Optional.ofNullable(add.get(":authority")))
          .or(() -> Optional.ofNullable(add.get("host")));
    }

    public boolean empty() {
      return set.isEmpty() && add.isEmpty() && remove.isEmpty();
    }
  }
}
