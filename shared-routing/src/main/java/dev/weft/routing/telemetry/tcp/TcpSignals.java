package dev.weft.routing.telemetry.tcp;

import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MetricNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Counts connections and their bytes by who calls whom, as Istio's dashboards read them. Callers
 * are not told apart once there are 10,000 edges. Any thread may enter.
 */
public final class TcpSignals {

  private static final int MOST = 10_000;
  private static final String PROTOCOL = "tcp";
  private static final String NO_FLAG = "-";

  private final Map<EdgeLabels, Counts> edges = new ConcurrentHashMap<>();

  /** The counters of one edge, since the start. */
  public static final class Counts {

    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();

    /** A connection was taken and carried on. */
    public void opened() {
      opened.increment();
    }

    /** One that was {@link #opened} is over. */
    public void closed() {
      closed.increment();
    }

    /** Bytes on their way to the caller. */
    public void sent(long bytes) {
      sent.add(bytes);
    }

    /** Bytes that the caller sent. */
    public void received(long bytes) {
      received.add(bytes);
    }
  }

  /**
   * @param signals that are scraped
   */
  public TcpSignals(MeshSignals signals) {
    tell(signals, MetricNames.TCP_OPENED, "TCP connections that were carried.", one -> one.opened);
    tell(signals, MetricNames.TCP_CLOSED, "Those of them that are over.", one -> one.closed);
    tell(signals, MetricNames.TCP_SENT, "Bytes sent to callers over TCP.", one -> one.sent);
    tell(signals, MetricNames.TCP_RECEIVED, "Bytes that callers sent.", one -> one.received);
  }

  private void tell(
      MeshSignals signals, String name, String help, Function<Counts, LongAdder> which) {
    List<String> names = new ArrayList<>(EdgeLabels.NAMES);
    names.addAll(List.of("request_protocol", "response_flags"));
    signals.counter(
        new Family(name, help, names),
        () ->
            edges.entrySet().stream()
                .map(edge -> sample(edge.getKey(), which.apply(edge.getValue()).sum()))
                .toList());
  }

  private static Sample sample(EdgeLabels labels, long value) {
    List<String> values = new ArrayList<>(labels.values());
    values.addAll(List.of(PROTOCOL, NO_FLAG));
    return new Sample(values, value);
  }

  /** The counters of an edge; the same ones for the same labels. */
  public Counts edge(EdgeLabels labels) {
    Counts known = edges.get(labels);
    if (known != null) {
      return known;
    }
    EdgeLabels bounded = edges.size() < MOST ? labels : labels.withoutSource();
    return edges.computeIfAbsent(bounded, any -> new Counts());
  }
}
