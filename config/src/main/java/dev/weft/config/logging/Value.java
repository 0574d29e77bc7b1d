package dev.weft.config.logging;

import dev.weft.config.logging.Condition.Source;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A text that is made of what is known of a request. Immutable; holds for any thread. */
public sealed interface Value {

  /** The text; empty where the request has not what it asks for. */
  Optional<String> of(Facts facts);

  /** Whether it is the same whatever is asked; its text then. */
  default Optional<String> fixed() {
    return Optional.empty();
  }

  /** Tells the headers that it asks for, with where they are. */
  default void headers(BiConsumer<Attribute, String> each) {}

  /** The same text for all. */
  record Fixed(String text) implements Value {
    @Override
    public Optional<String> of(Facts facts) {
      return Optional.of(text);
    }

    @Override
    public Optional<String> fixed() {
      return Optional.of(text);
    }
  }

  /** An attribute or a header. */
  record Asked(Source source) implements Value {
    @Override
    public Optional<String> of(Facts facts) {
      return source.shown(facts);
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      source.headers(each);
    }
  }

  /** One of two, by what holds. */
  record Choice(Condition condition, Value then, Value otherwise) implements Value {
    @Override
    public Optional<String> of(Facts facts) {
      return condition.holds(facts) ? then.of(facts) : otherwise.of(facts);
    }

    @Override
    public void headers(BiConsumer<Attribute, String> each) {
      condition.headers(each);
      then.headers(each);
      otherwise.headers(each);
    }
  }
}
