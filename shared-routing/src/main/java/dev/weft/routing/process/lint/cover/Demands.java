package dev.weft.routing.process.lint.cover;

import dev.weft.routing.process.lint.cover.Dimension.Kind;
import dev.weft.routing.route.match.Condition;
import dev.weft.routing.route.match.TextMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one match asks for, by the parts of a request; of each part all must hold. Immutable. */
public final class Demands {

  private final List<Condition> conditions;
  private final Map<Dimension, List<Demand>> byPart = new LinkedHashMap<>();

  /** Of the conditions of one match. */
  public Demands(List<Condition> conditions) {
    this.conditions = List.copyOf(conditions);
    this.conditions.forEach(this::add);
  }

  private void add(Condition condition) {
    if (condition instanceof Condition.Path path) {
      put(Dimension.PATH, path.matcher(), false);
    } else if (condition instanceof Condition.Part part) {
      put(part(part.which()), part.matcher(), false);
    } else if (condition instanceof Condition.ListenerPort port) {
      put(Dimension.PORT, exactly(port.port()), false);
    } else if (condition instanceof Condition.DestinationPort port) {
      put(Dimension.PORT, exactly(port.port()), false);
    } else {
      named(condition);
    }
  }

  private void named(Condition condition) {
    if (condition instanceof Condition.Header header) {
      put(new Dimension(Kind.HEADER, header.name()), header.matcher(), false);
    } else if (condition instanceof Condition.WithoutHeader without) {
      put(new Dimension(Kind.HEADER, without.header().name()), without.header().matcher(), true);
    } else if (condition instanceof Condition.Query query) {
      put(new Dimension(Kind.QUERY, query.name()), query.matcher(), false);
    } else if (condition instanceof Condition.Claim claim) {
      put(claim(claim.names()), claim.matcher(), false);
    } else if (condition instanceof Condition.WithoutClaim without) {
      put(claim(without.claim().names()), without.claim().matcher(), true);
    }
  }

  private static Dimension claim(List<String> names) {
    return new Dimension(Kind.CLAIM, String.join(".", names));
  }

  private static Dimension part(Condition.Part.Which which) {
    return switch (which) {
      case METHOD -> Dimension.METHOD;
      case SCHEME -> Dimension.SCHEME;
      case AUTHORITY -> Dimension.AUTHORITY;
    };
  }

  private static TextMatcher exactly(int port) {
    return new TextMatcher.Exact(Integer.toString(port), false);
  }

  private void put(Dimension part, TextMatcher matcher, boolean negated) {
    byPart.computeIfAbsent(part, any -> new ArrayList<>(1)).add(new Demand(matcher, negated));
  }

  /** As the decision function takes them. */
  public List<Condition> conditions() {
    return conditions;
  }

  /** The parts that something is asked of. */
  public Set<Dimension> parts() {
    return byPart.keySet();
  }

  /** What is asked of a part; nothing where it may be anything. */
  public List<Demand> of(Dimension part) {
    return byPart.getOrDefault(part, List.of());
  }

  /** What is asked of the path; empty for any. */
  public Optional<TextMatcher> path() {
    return of(Dimension.PATH).stream().map(Demand::matcher).findFirst();
  }

  /** The one value that a part may have; empty where there are others. */
  public Optional<String> only(Dimension part) {
    return of(part).stream().flatMap(one -> one.only().stream()).findFirst();
  }

  /** Whether it asks for claims of a token: no request is made up that has one. */
  public boolean claims() {
    return byPart.keySet().stream().anyMatch(part -> part.kind() == Kind.CLAIM);
  }

  /** Whether a request meets all. */
  public boolean holds(Asked asked) {
    for (Condition condition : conditions) {
      if (!condition.holds(asked.head(), asked.caller())) {
        return false;
      }
    }
    return true;
  }
}
