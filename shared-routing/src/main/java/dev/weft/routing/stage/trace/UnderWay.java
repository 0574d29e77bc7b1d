package dev.weft.routing.stage.trace;

import dev.weft.routing.exchange.trace.InferredLink;
import dev.weft.routing.exchange.trace.InferredLink.Evidence;
import dev.weft.routing.exchange.trace.TraceContext;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are under way in the own application, so that one of its own that says nothing
 * of a trace can be put down to what it was probably asked for. Any thread; at most {@value #MOST}
 * sampled ones are known at once.
 */
public final class UnderWay {

  private static final int MOST = 1024;

  private final AtomicInteger all = new AtomicInteger(); // those that are not sampled too
  private final Map<String, TraceContext> sampled = new ConcurrentHashMap<>(); // by request id

  void began(String requestId, TraceContext context) {
    all.incrementAndGet();
    if (context.sampled() && sampled.size() < MOST) {
      sampled.put(requestId, context);
    }
  }

  void ended(String requestId, TraceContext context) {
    all.decrementAndGet();
    if (context.sampled()) {
      sampled.remove(requestId, context);
    }
  }

  /** What a request of the application was probably asked for; empty where nothing tells. */
  Optional<InferredLink> cause(String requestId) {
    if (sampled.isEmpty()) {
      return Optional.empty();
    }
    @Nullable TraceContext same = sampled.get(requestId);
    if (same != null) {
      return Optional.of(new InferredLink(same, Evidence.REQUEST_ID));
    }
    Iterator<TraceContext> only = sampled.values().iterator();
    return all.get() == 1 && only.hasNext()
        ? Optional.of(new InferredLink(only.next(), Evidence.ALONE))
        : Optional.empty();
  }
}
