package dev.weft.routing.telemetry.collect;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.function.Consumer;

/** What waits to be told: little, since spans are made of it when it is sent. */
@FunctionalInterface
interface Told {

  /** Its spans; called on a worker, once. */
  void spans(HopSpans as, Consumer<SpanData> each);
}
