package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.routing.process.lint.cover.Effort;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether rules that deny take together all that a rule allows, though none of them does alone. The
 * rule is written out word by word, and divided by what the others except; then each piece must lie
 * within one of them. Where that would be too many pieces, it is not known.
 */
final class Swallowed {

  private static final int MOST = 256; // pieces of a rule

  private final List<Denies.Written> denying;
  private final Effort effort;

  /**
   * @param denying rules that hold wherever the rule does
   */
  Swallowed(List<Denies.Written> denying, Effort effort) {
    this.denying = denying;
    this.effort = effort;
  }

  /**
   * @param asked one of these must hold, and of each all parts
   * @return the rules that take it together, in the order of its pieces; empty where something may
   *     be left
   */
  Optional<Set<Denies.Written>> by(List<List<Part>> asked) {
    Set<Denies.Written> by = new LinkedHashSet<>();
    for (List<Part> parts : asked) {
      List<List<Part>> pieces = pieces(parts);
      if (pieces.isEmpty() || !effort.allows((long) pieces.size() * denying.size())) {
        return Optional.empty();
      }
      for (List<Part> piece : pieces) {
        Optional<Denies.Written> taker =
            denying.stream().filter(one -> one.takes(piece)).findFirst();
        if (taker.isEmpty()) {
          return Optional.empty();
        }
        by.add(taker.get());
      }
    }
    return by.isEmpty() ? Optional.empty() : Optional.of(by);
  }

  /** The same, in pieces; none where they are too many. */
  private List<List<Part>> pieces(List<Part> parts) {
    List<List<Part>> pieces = List.of(List.of());
    for (Part part : parts) {
      List<List<Part>> next = new ArrayList<>();
      for (List<Part> piece : pieces) {
        for (Part word : words(part)) {
          next.add(with(piece, word));
        }
      }
      if (next.size() > MOST) {
        return List.of();
      }
      pieces = next;
    }
    return divided(pieces);
  }

  private static List<Part> words(Part part) {
    return part.values().in().isEmpty()
        ? List.of(part)
        : part.values().in().stream()
            .map(word -> part.but(new Values(List.of(word), part.values().not())))
            .toList();
  }

  private static List<Part> with(List<Part> parts, Part more) {
    List<Part> all = new ArrayList<>(parts);
    all.add(more);
    return all;
  }

  /** What is excepted somewhere, and the rest. */
  private List<List<Part>> divided(List<List<Part>> whole) {
    List<List<Part>> pieces = whole;
    for (List<Part> choices : exceptions()) {
      List<List<Part>> next = new ArrayList<>();
      for (List<Part> piece : pieces) {
        if (piece.stream().anyMatch(own -> own.key().equals(choices.get(0).key()))) {
          next.add(piece);
        } else {
          choices.forEach(choice -> next.add(with(piece, choice)));
        }
      }
      if (next.size() > MOST) {
        return List.of();
      }
      pieces = next;
    }
    return pieces;
  }

  /** Of what every request has one of: each word that a rule excepts, and all but those. */
  private List<List<Part>> exceptions() {
    Map<String, List<Part>> byKey = new TreeMap<>();
    denying.stream()
        .flatMap(one -> one.asked().stream())
        .flatMap(List::stream)
        .filter(part -> part.single() && !part.values().not().isEmpty())
        .forEach(part -> byKey.computeIfAbsent(part.key(), any -> new ArrayList<>()).add(part));
    return byKey.values().stream().map(Swallowed::choices).toList();
  }

  private static List<Part> choices(List<Part> parts) {
    List<String> words =
        parts.stream().flatMap(part -> part.values().not().stream()).distinct().toList();
    List<Part> choices = new ArrayList<>();
    words.forEach(word -> choices.add(parts.get(0).but(new Values(List.of(word), List.of()))));
    choices.add(parts.get(0).but(new Values(List.of(), words)));
    return choices;
  }
}
