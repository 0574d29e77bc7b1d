package dev.weft.routing.resilience.rate;

import dev.weft.routing.exchange.Exchange.Loop;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Buckets elsewhere that say what a test wants, and note what they were asked. */
public final class FakeBuckets implements SharedBuckets {

  final List<String> asked = new ArrayList<>();
  boolean closed;
  private Future<Taken> next = Future.failedFuture("nothing yet");

  /** What they say from now on. */
  public FakeBuckets says(Future<Taken> answer) {
    next = answer;
    return this;
  }

  @Override
  public Future<Taken> take(Loop loop, String key, long intervalMicros, long capacityMicros) {
    asked.add(key + " " + intervalMicros + " " + capacityMicros);
    return next;
  }

  @Override
  public boolean answers() {
    return true;
  }

  @Override
  public Map<String, Long> unanswered() {
    return Map.of();
  }

  @Override
  public void close() {
    closed = true;
  }
}
