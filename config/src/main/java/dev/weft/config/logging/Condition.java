package dev.weft.config.logging;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Which lines are written. A comparison with what a request has not is false, whatever it asks.
 * Immutable; holds for any thread, allocates next to nothing.
 */
public sealed interface Condition {

  /** Whether the line is written. */
  boolean holds(Facts facts);

  /** Tells the headers that it asks for, with where they are. */
  default void headers(BiConsumer<Attribute, String> each) {}

  /** Where all hold. */
  record Every(List<Condition> all) implements Condition {
    public Every {
      all = List.copyOf(all);
    }

    @Override
    public boolean holds(Facts facts) {
      for (Condition one : all) {
        if (!one.holds(facts)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      all.forEach(one -> one.headers(each));
    }
  }

  /** Where one holds. */
  record Some(List<Condition> all) implements Condition {
    public Some {
      all = List.copyOf(all);
    }

    @Override
    public boolean holds(Facts facts) {
      for (Condition one : all) {
        if (one.holds(facts)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      all.forEach(one -> one.headers(each));
    }
  }

  /** Where another does not hold. */
  record Not(Condition other) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return !other.holds(facts);
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      other.headers(each);
    }
  }

  /** How two values are compared. */
  enum Comparison {
    EQUAL("=="),
    UNEQUAL("!="),
    LEAST(">="),
    MOST("<="),
    ABOVE(">"),
    BELOW("<");

    private final String sign;

    Comparison(String sign) {
      this.sign = sign;
    }

    String sign() {
      return sign;
    }

    private boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case UNEQUAL -> order != 0;
        case LEAST -> order >= 0;
        case MOST -> order <= 0;
        case ABOVE -> order > 0;
        case BELOW -> order < 0;
      };
    }
  }

  /** A number, or a duration in milliseconds. */
  record Amount(Attribute attribute, Comparison comparison, double value) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      OptionalDouble number = facts.number(attribute);
      return number.isPresent() && comparison.holds(Double.compare(number.getAsDouble(), value));
    }
  }

  /** One of several numbers. */
  record OneAmount(Attribute attribute, Set<Double> values) implements Condition {
    public OneAmount {
      values = Set.copyOf(values);
    }

    @Override
    public boolean holds(Facts facts) {
      OptionalDouble number = facts.number(attribute);
      return number.isPresent() && values.contains(number.getAsDouble());
    }
  }

  /** What stands in a condition for a text. */
  record Source(Attribute attribute, String header) {
    private Optional<String> of(Facts facts) {
      return header.isEmpty() ? facts.text(attribute) : facts.header(attribute, header);
    }

    /** Its text, whatever it is. */
    Optional<String> shown(Facts facts) {
      return switch (attribute.kind()) {
        case TEXT, HEADERS -> of(facts);
        case TRUTH -> facts.truth(attribute).map(String::valueOf);
        case NUMBER, DURATION ->
            facts.number(attribute).stream()
                .mapToObj(number -> Long.toString(Math.round(number)))
                .findFirst();
      };
    }

    void headers(BiConsumer<Attribute, String> each) {
      if (!header.isEmpty()) {
        each.accept(attribute, header);
      }
    }
  }

  /** How two texts are compared. */
  enum Likeness {
    IS,
    IS_NOT,
    BEGINS,
    ENDS,
    CONTAINS;

    private boolean holds(String text, String other) {
      return switch (this) {
        case IS -> text.equals(other);
        case IS_NOT -> !text.equals(other);
        case BEGINS -> text.startsWith(other);
        case ENDS -> text.endsWith(other);
        case CONTAINS -> text.contains(other);
      };
    }
  }

  /** A text. */
  record Text(Source source, Likeness likeness, String value) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      Optional<String> text = source.of(facts);
      return text.isPresent() && likeness.holds(text.get(), value);
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      source.headers(each);
    }
  }

  /** One of several texts. */
  record OneText(Source source, Set<String> values) implements Condition {
    public OneText {
      values = Set.copyOf(values);
    }

    @Override
    public boolean holds(Facts facts) {
      Optional<String> text = source.of(facts);
      return text.isPresent() && values.contains(text.get());
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      source.headers(each);
    }
  }

  /** Whether something is there. */
  record There(Source source) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return source.of(facts).isPresent()
          || facts.number(source.attribute).isPresent()
          || facts.truth(source.attribute).isPresent();
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      source.headers(each);
    }
  }

  /** Whether something is so. */
  record Truth(Attribute attribute, boolean value) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      Optional<Boolean> truth = facts.truth(attribute);
      return truth.isPresent() && truth.get() == value;
    }
  }

  /** That many of a hundred lines, by lot. */
  record Sampled(double percent) implements Condition {
    @Override
    public boolean holds(Facts facts) {
      return facts.drawn() < percent;
    }
  }
}
