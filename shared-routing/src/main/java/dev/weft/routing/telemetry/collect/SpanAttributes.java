package dev.weft.routing.telemetry.collect;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Attributes of a span, in the order in which they were told. Those of OpenTelemetry's own builder
 * are sorted, which took a quarter of the time that spans take to be made and written; it still
 * answers whoever looks one up. Immutable.
 */
@SuppressWarnings("Immutable") // the array is nobody else's
final class SpanAttributes implements Attributes {

  private final Object[] told; // keys and values by turns, each name once

  private SpanAttributes(Object[] told) {
    this.told = told;
  }

  /**
   * Takes what is told, of one span after the other. It makes the key of each name once: there are
   * ours, and as many as configuration has. One thread at a time.
   */
  static final class Gathering implements BiConsumer<String, Object> {

    private final Map<String, Name> names = new HashMap<>();
    private Object[] told = new Object[64];
    private int size;
    private long span;

    /** Numbers stay numbers; all else is a text. What a name is told again counts. */
    @Override
    public void accept(String name, Object value) {
      Name known = names.computeIfAbsent(name, Name::new);
      boolean again = known.span == span;
      int at = again ? known.at : size;
      if (!again) {
        known.span = span;
        known.at = at;
        size += 2;
        told = size > told.length ? Arrays.copyOf(told, 2 * size) : told;
      }
      boolean number = value instanceof Long;
      told[at] = number ? known.number : known.text;
      told[at + 1] = number ? value : value.toString();
    }

    /** A span begins, of which nothing is told yet. */
    Gathering begun() {
      size = 0;
      span++;
      return this;
    }

    /** What was told of it. */
    Attributes taken() {
      return new SpanAttributes(Arrays.copyOf(told, size));
    }
  }

  /** A name, and where it stands. */
  private static final class Name {

    private final AttributeKey<String> text;
    private final AttributeKey<Long> number;
    private long span; // the last one that had it
    private int at; // there

    Name(String name) {
      this.text = AttributeKey.stringKey(name);
      this.number = AttributeKey.longKey(name);
    }
  }

  @Override
  public void forEach(BiConsumer<? super AttributeKey<?>, ? super Object> each) {
    for (int i = 0; i < told.length; i += 2) {
      each.accept((AttributeKey<?>) told[i], told[i + 1]);
    }
  }

  @Override
  public int size() {
    return told.length / 2;
  }

  @Override
  public boolean isEmpty() {
    return told.length == 0;
  }

  @Override
  public <T> @Nullable T get(AttributeKey<T> key) {
    return toBuilder().build().get(key);
  }

  @Override
  public Map<AttributeKey<?>, Object> asMap() {
    return toBuilder().build().asMap();
  }

  @Override
  public AttributesBuilder toBuilder() {
    return Attributes.builder().putAll(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SpanAttributes same && Arrays.equals(told, same.told);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(told);
  }

  @Override
  public String toString() {
    return asMap().toString();
  }
}
