package dev.weft.routing.telemetry.collect;

import static java.util.Objects.requireNonNull;

import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.TraceContext;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanFacts;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What OpenTelemetry's SDK asks while a hop is told that ended: the time that was measured, the ids
 * that the next hop was told, who came before, and what stands at a span. One thread at a time.
 */
final class Replay implements Clock, IdGenerator, SpanProcessor, TextMapPropagator {

  private static final int TRACE_FLAGS = 0xFF;

  private final int most;
  private final Map<String, AttributeKey<String>> texts = new HashMap<>(); // ours, and configured
  private final Map<String, AttributeKey<Long>> numbers = new HashMap<>();
  private @Nullable Begun begun;
  private long nanos;

  /**
   * What is told.
   *
   * @param attempt empty while it is the hop itself
   */
  private record Begun(HopTrace hop, Optional<AttemptFacts> attempt, Consumer<SpanData> each) {
    TraceContext trace() {
      return hop.context().orElseThrow();
    }

    long span() {
      return attempt.map(AttemptFacts::span).orElseGet(() -> trace().span());
    }
  }

  /**
   * @param most characters that a path's attribute has
   */
  Replay(int most) {
    this.most = most;
  }

  /** A hop is told from now on, at the time when it began. */
  void begin(HopTrace hop, Consumer<SpanData> each) {
    begun = new Begun(hop, Optional.empty(), each);
    nanos = hop.times().startedEpochNanos();
  }

  /** One of its attempts is told from now on, at the time when it began. */
  void begin(AttemptFacts attempt) {
    Begun of = begun();
    begun = new Begun(of.hop, Optional.of(attempt), of.each);
    nanos = of.hop.times().epoch(attempt.beganNanos());
  }

  /**
   * It is that time.
   *
   * @param epochNanos since 1970
   */
  void turn(long epochNanos) {
    nanos = epochNanos;
  }

  /** Nothing is told any more, and nothing of it is held. */
  void end() {
    begun = null;
  }

  private Begun begun() {
    return requireNonNull(begun);
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long now() {
    return nanos;
  }

  @Override
  public String generateTraceId() {
    return begun().trace().traceId();
  }

  @Override
  public String generateSpanId() {
    return TraceContext.spanId(begun().span());
  }

  @Override
  public boolean generatesRandomTraceIds() {
    return (begun().trace().flags() & TraceContext.RANDOM) != 0;
  }

  @Override
  public Collection<String> fields() {
    return List.of();
  }

  @Override
  public <C> Context extract(Context root, @Nullable C headers, TextMapGetter<C> read) {
    TraceContext trace = begun().trace();
    return trace.parent() == 0 ? root : root.with(Span.wrap(before(trace, trace.parent())));
  }

  @Override
  public <C> void inject(Context context, @Nullable C headers, TextMapSetter<C> write) {
    // the next hop was told already
  }

  @Override
  public boolean isStartRequired() {
    return true;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    Begun of = begun();
    of.attempt.ifPresentOrElse(attempt -> attempt(of.hop, attempt, span), () -> hop(of.hop, span));
  }

  /** Tags may have names of ours, and count then: to the SDK a number and a text are two. */
  private void hop(HopTrace hop, ReadWriteSpan span) {
    if (hop.tags().isEmpty()) {
      SpanFacts.hop(hop, most, (name, value) -> set(span, name, value));
    } else {
      Map<String, Object> facts = new LinkedHashMap<>();
      SpanFacts.hop(hop, most, facts::put);
      facts.forEach((name, value) -> set(span, name, value));
    }
    hop.link().ifPresent(link -> link(span, link));
    if (hop.failed()) {
      failed(span, hop.failure());
    }
  }

  private void attempt(HopTrace hop, AttemptFacts attempt, ReadWriteSpan span) {
    SpanFacts.attempt(hop, attempt, (name, value) -> set(span, name, value));
    if (SpanFacts.failed(attempt)) {
      failed(span, attempt.failure());
    }
  }

  private static void failed(ReadWriteSpan span, Optional<? extends Throwable> why) {
    span.setStatus(StatusCode.ERROR, why.map(Throwable::getMessage).orElse(""));
  }

  /** Numbers stay numbers; all else is a text. */
  private void set(ReadWriteSpan span, String name, Object value) {
    if (value instanceof Long number) {
      span.setAttribute(numbers.computeIfAbsent(name, AttributeKey::longKey), number);
    } else {
      span.setAttribute(texts.computeIfAbsent(name, AttributeKey::stringKey), value.toString());
    }
  }

  private static void link(ReadWriteSpan span, InferredLink link) {
    span.addLink(
        before(link.to(), link.to().span()),
        Attributes.builder()
            .put("weft.link", "inferred")
            .put("weft.link.by", link.by().word())
            .build());
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    Begun of = begun();
    boolean debug = (of.trace().flags() & TraceContext.DEBUG) != 0;
    of.each.accept(debug ? new Debugged(span.toSpanData()) : span.toSpanData());
  }

  /** One of another process. */
  private static SpanContext before(TraceContext context, long span) {
    return SpanContext.createFromRemoteParent(
        context.traceId(), TraceContext.spanId(span), flags(context), TraceState.getDefault());
  }

  private static TraceFlags flags(TraceContext context) {
    return TraceFlags.fromByte((byte) (context.flags() & TRACE_FLAGS & ~TraceContext.DEBUG));
  }

  /** One that B3 asked for in any case, for which OpenTelemetry has no word. */
  static final class Debugged extends DelegatingSpanData {
    private Debugged(SpanData span) {
      super(span);
    }
  }
}
