package dev.weft.cli.live;

import dev.weft.cli.admin.Table;
import dev.weft.cli.live.Screen.Line;
import dev.weft.cli.live.Screen.Mood;
import dev.weft.cli.live.Traffic.Edge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The golden signals as {@code weft top} shows them: what is wrong stands first. */
final class TopTable {

  private static final String IN_FLIGHT = "weft_upstream_in_flight";
  private static final String PENDING = "weft_upstream_pending";
  private static final String CONNECTIONS = "weft_upstream_connections";
  private static final String BREAKER = "weft_breaker_state";
  private static final List<String> BREAKERS = List.of("closed", "half-open", "open");
  private static final double GOOD = 99.9; // percent that did not fail
  private static final double BAD = 95;

  /** Series that tell how much is under way. */
  static final Set<String> UPSTREAMS = Set.of(IN_FLIGHT, PENDING, CONNECTIONS, BREAKER);

  private TopTable() {}

  /** A service's version, as one end of its edges counts it. */
  record Served(String service, String version, String reporter) implements Comparable<Served> {

    private static final Comparator<Served> ORDER =
        Comparator.comparing(Served::service)
            .thenComparing(Served::version)
            .thenComparing(Served::reporter);

    static Served of(Edge edge) {
      return new Served(edge.service(), edge.destination().version(), edge.reporter());
    }

    @Override
    public int compareTo(Served other) {
      return ORDER.compare(this, other);
    }
  }

  /** The same by service, version and who counted. */
  static Map<Served, Count> served(Map<Edge, Count> since) {
    Map<Served, Count> all = new HashMap<>();
    since.forEach((edge, count) -> all.merge(Served.of(edge), count, Count::plus));
    return all;
  }

  /**
   * Services and their versions.
   *
   * @param since what came since the last look
   * @param seconds since then
   * @param width of the terminal, in columns
   */
  static List<Line> services(Map<Edge, Count> since, double seconds, int width) {
    Table table =
        new Table("SERVICE", "VERSION", "REQ/S", "SUCCESS", "P50", "P90", "P99", "SEEN BY");
    List<Count> counts = new ArrayList<>();
    for (Map.Entry<Served, Count> one : worstFirst(served(since))) {
      Count count = one.getValue();
      table.row(
          one.getKey().service,
          one.getKey().version,
          decimal(count.all() / seconds, 1),
          decimal(count.success(), 2) + "%",
          millis(count, 0.5),
          millis(count, 0.9),
          millis(count, 0.99),
          one.getKey().reporter);
      counts.add(count);
    }
    return table.empty()
        ? List.of(new Line("no requests since the last look", Mood.PLAIN))
        : lines(table.lines(width), counts);
  }

  /**
   * Rules that were chosen, what fails first; none where none was.
   *
   * @param since requests by the rule that was chosen for them, since the last look
   */
  static List<Line> routes(Map<String, Count> since, double seconds, int width) {
    Table table = new Table("ROUTE", "REQ/S", "SUCCESS", "P50", "P90", "P99");
    List<Count> counts = new ArrayList<>();
    for (Map.Entry<String, Count> one : worstFirst(since)) {
      Count count = one.getValue();
      table.row(
          one.getKey().equals("-") ? "no rule matched" : one.getKey(),
          decimal(count.all() / seconds, 1),
          decimal(count.success(), 2) + "%",
          millis(count, 0.5),
          millis(count, 0.9),
          millis(count, 0.99));
      counts.add(count);
    }
    return table.empty() ? List.of() : lines(table.lines(width), counts);
  }

  /**
   * Upstreams with work under way, or a breaker that is not closed; none where there are none.
   *
   * @param upstreams of {@link #UPSTREAMS}, of all proxies
   */
  static List<Line> busy(List<Series> upstreams, int width) {
    Table table = new Table("UPSTREAM", "IN FLIGHT", "WAITING", "CONNECTIONS", "BREAKER");
    List<Mood> moods = new ArrayList<>();
    for (Busy one : busy(upstreams)) {
      table.row(one.cluster, one.inFlight, one.waiting, one.connections, one.breaker);
      moods.add(one.closed() ? Mood.PLAIN : Mood.BAD);
    }
    return table.empty() ? List.of() : painted(table.lines(width), moods);
  }

  /**
   * An upstream of all proxies together.
   *
   * @param breaker of the one that is worst off
   */
  record Busy(String cluster, long inFlight, long waiting, long connections, String breaker) {
    private boolean closed() {
      return breaker.equals(BREAKERS.get(0));
    }
  }

  /** The same as values, by name. */
  static List<Busy> busy(List<Series> upstreams) {
    Map<String, Map<String, Double>> clusters = new TreeMap<>();
    for (Series one : upstreams) {
      Map<String, Double> values =
          clusters.computeIfAbsent(one.label("cluster"), fresh -> new TreeMap<>());
      values.merge(one.name(), one.value(), one.name().equals(BREAKER) ? Math::max : Double::sum);
    }
    List<Busy> all = new ArrayList<>();
    clusters.forEach(
        (cluster, values) -> {
          long breaker = Math.min(value(values, BREAKER), BREAKERS.size() - 1);
          Busy one =
              new Busy(
                  cluster,
                  value(values, IN_FLIGHT),
                  value(values, PENDING),
                  value(values, CONNECTIONS),
                  BREAKERS.get((int) breaker));
          if (!one.closed() || one.inFlight + one.waiting > 0) {
            all.add(one);
          }
        });
    return all;
  }

  /** Those that were asked for anything. */
  static <K extends Comparable<K>> List<Map.Entry<K, Count>> worstFirst(Map<K, Count> all) {
    return all.entrySet().stream()
        .filter(one -> one.getValue().all() > 0)
        .sorted(
            Comparator.comparingDouble((Map.Entry<K, Count> one) -> one.getValue().success())
                .thenComparing(one -> -one.getValue().all())
                .thenComparing(Map.Entry::getKey))
        .toList();
  }

  private static List<Line> lines(List<String> texts, List<Count> counts) {
    return painted(texts, counts.stream().map(TopTable::mood).toList());
  }

  private static List<Line> painted(List<String> texts, List<Mood> moods) {
    List<Line> all = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      all.add(new Line(texts.get(i), i == 0 ? Mood.HEAD : moods.get(i - 1)));
    }
    return all;
  }

  private static Mood mood(Count count) {
    double success = count.success();
    return success >= GOOD ? Mood.PLAIN : success >= BAD ? Mood.POOR : Mood.BAD;
  }

  private static long value(Map<String, Double> values, String name) {
    return values.getOrDefault(name, 0.0).longValue();
  }

  private static String millis(Count count, double share) {
    return decimal(count.millis().quantile(share), 1) + "ms";
  }

  private static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }
}
