package dev.weft.routing.telemetry.collect;

import dev.weft.routing.exchange.trace.AttemptFacts;
import dev.weft.routing.telemetry.trace.HopTrace;
import dev.weft.routing.telemetry.trace.SpanFacts;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.Context;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Spans of hops that ended: the tracer of {@code vertx-opentelemetry} is told of each what a server
 * would have told it, and of each attempt what a client would, and its SDK makes the spans, with
 * the times and ids of {@link Replay}. Takes some microseconds for each span, so not on an event
 * loop; one thread at a time.
 */
final class HopSpans {

  private static final String SCOPE = "weft";
  private static final TagExtractor<Object> NONE = TagExtractor.empty(); // which knows no numbers

  private final Resource resource;
  private final Context context;
  private final Replay replay;
  private final VertxTracer<Object, Object> tracer;

  /**
   * @param most characters that a path's attribute has
   * @param context nobody else's: the tracer keeps there which span is under way
   */
  HopSpans(Reporter reporter, int most, Context context) {
    this.resource = resource(reporter);
    this.context = context;
    this.replay = new Replay(most);
    this.tracer =
        new SdkTracer(
                SCOPE,
                SdkTracerProvider.builder()
                    .setClock(replay)
                    .setIdGenerator(replay)
                    .addSpanProcessor(replay)
                    .setSampler(Sampler.alwaysOn()) // it was decided
                    .setResource(resource)
                    .build(),
                replay)
            .vertx();
  }

  /** Whose spans they are. */
  Resource resource() {
    return resource;
  }

  private static Resource resource(Reporter reporter) {
    AttributesBuilder all =
        Attributes.builder()
            .put("service.name", reporter.service())
            .put("service.namespace", reporter.namespace())
            .put("service.version", reporter.version())
            .put("telemetry.distro.name", "weft");
    if (reporter.istioTags()) {
      all.put("istio.canonical_service", reporter.app())
          .put("istio.canonical_revision", reporter.version())
          .put("istio.namespace", reporter.namespace());
    }
    return Resource.getDefault().merge(Resource.create(all.build()));
  }

  /** Those of one hop, which has a context; its own comes first. */
  void of(HopTrace hop, Consumer<SpanData> each) {
    List<SpanData> ended = new ArrayList<>(1 + hop.attempts().size());
    tell(hop, ended::add);
    int own = ended.size() - 1;
    each.accept(ended.get(own));
    ended.subList(0, own).forEach(each);
  }

  private void tell(HopTrace hop, Consumer<SpanData> ended) {
    String name = SpanFacts.name(hop);
    replay.begin(hop, ended);
    Object server =
        tracer.receiveRequest(
            context, SpanKind.RPC, TracingPolicy.ALWAYS, hop, name, List.of(), NONE);
    try {
      hop.attempts().forEach(attempt -> attempt(hop, attempt, name));
    } finally {
      replay.turn(hop.times().ended());
      tracer.sendResponse(context, null, server, null, NONE); // or the next one would be below it
      replay.end();
    }
  }

  private void attempt(HopTrace hop, AttemptFacts attempt, String name) {
    replay.begin(attempt);
    Object client =
        tracer.sendRequest(
            context, SpanKind.RPC, TracingPolicy.ALWAYS, attempt, name, (header, told) -> {}, NONE);
    boolean last = attempt.number() == hop.attempts().size();
    boolean whole = last && attempt.failure().isEmpty();
    replay.turn(whole ? hop.times().ended() : hop.times().epoch(attempt.answeredNanos()));
    tracer.receiveResponse(context, null, client, null, NONE);
  }
}
