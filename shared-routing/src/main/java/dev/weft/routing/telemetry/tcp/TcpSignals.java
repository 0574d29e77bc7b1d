package dev.weft.routing.telemetry.tcp;

import dev.weft.routing.telemetry.EdgeLabels;
import dev.weft.routing.telemetry.MeshSignals;
import dev.weft.routing.telemetry.MeshSignals.Family;
import dev.weft.routing.telemetry.MeshSignals.Sample;
import dev.weft.routing.telemetry.MetricNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * Counts connections and their bytes by who calls whom, as Istio's dashboards read them. Callers
 * are not told apart once there are 10,000 edges, and nothing is once there are twice as many. Any
 * thread may enter.
 */
public final class TcpSignals {

  private static final int MOST = 10_000;
  private static final String PROTOCOL = "tcp";
  private static final String NO_FLAG = "-";

  private final Map<EdgeLabels, Counts> edges = new ConcurrentHashMap<>();
  private final LongAdder overflowed = new LongAdder();

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

    private Carried sum() {
      long over = closed.sum(); // before those that were opened, which are never fewer
      return new Carried(opened.sum(), over, sent.sum(), received.sum());
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
    signals.counter(
        new Family(MetricNames.TCP_OVERFLOW, "Connections of edges that were too many.", List.of()),
        () -> List.of(new Sample(List.of(), overflowed.sum())));
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

  /** Everything counted so far, by edge. */
  public Map<EdgeLabels, Carried> readings() {
    Map<EdgeLabels, Carried> all = new HashMap<>();
    edges.forEach((labels, counts) -> all.put(labels, counts.sum()));
    return all;
  }

  /** The counters of an edge; the same ones for the same labels. */
  public Counts edge(EdgeLabels labels) {
    Counts known = edges.get(labels);
    if (known != null) {
      return known;
    }
    if (edges.size() < MOST) {
      return edges.computeIfAbsent(labels, any -> new Counts());
    }
    overflowed.increment();
    EdgeLabels bounded = edges.size() < 2 * MOST ? labels.withoutSource() : labels.overflow();
    return edges.computeIfAbsent(bounded, any -> new Counts());
  }
}
