package dev.weft.config.model.telemetry;

import java.time.Duration;
import java.util.List;

/**
 * What Istio has no field for: which requests a proxy keeps for those who ask it, and how a trace
 * that begins here is passed on.
 *
 * @param slow from which time on a request is kept, until its answer's head; zero for none
 * @param kept how many requests that failed or were slow are kept, from 0
 * @param formats of the headers of a trace that begins here; empty for those that the collector's
 *     own libraries use: B3 with Zipkin, W3C otherwise
 */
public record TraceSettings(Duration slow, int kept, List<Format> formats) {

  /** What holds where nothing is said. */
  public static final TraceSettings DEFAULT =
      new TraceSettings(Duration.ofSeconds(1), 100, List.of());

  public TraceSettings {
    formats = List.copyOf(formats);
  }

  /** Headers by which a trace is passed on. */
  public enum Format {
    /** {@code traceparent}. */
    W3C,
    /** {@code x-b3-traceid} and its companions. */
    B3,
    /** {@code b3}. */
    B3_SINGLE
  }
}
