package dev.weft.cli.live;

import dev.weft.cli.admin.Table;
import dev.weft.cli.live.Traffic.Edge;
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

  private static final int MOST_RULES = 30;

  /** Series that tell how much is under way. */
  static final Set<String> UPSTREAMS = Set.of(IN_FLIGHT, PENDING, CONNECTIONS, BREAKER);

  private TopTable() {}

  /** A service's version, as one end of its edges counts it. */
  private record Line(String service, String version, String reporter) {
    private static Line of(Edge edge) {
      return new Line(edge.service(), edge.destination().version(), edge.reporter());
    }
  }

  /**
   * @param since what came since the last look
   * @param seconds since then
   * @param upstreams of {@link #UPSTREAMS}, of all proxies
   */
  static String text(Map<Edge, Count> since, double seconds, List<Series> upstreams) {
    Map<Line, Count> lines = new HashMap<>();
    since.forEach((edge, count) -> lines.merge(Line.of(edge), count, Count::plus));
    Table table =
        new Table("SERVICE", "VERSION", "REQ/S", "SUCCESS", "P50", "P90", "P99", "SEEN BY");
    lines.entrySet().stream()
        .filter(line -> line.getValue().all() > 0)
        .sorted(
            Comparator.comparingDouble((Map.Entry<Line, Count> line) -> line.getValue().success())
                .thenComparing(line -> -line.getValue().all())
                .thenComparing(line -> line.getKey().toString()))
        .forEach(line -> row(table, line.getKey(), line.getValue(), seconds));
    String traffic =
        table.empty() ? "no requests since the last look" : String.join("\n", table.lines());
    String busy = busy(upstreams);
    return busy.isEmpty() ? traffic : traffic + "\n\n" + busy;
  }

  /**
   * Rules that were chosen, what fails first; empty where none was.
   *
   * @param since requests by the rule that was chosen for them, since the last look
   */
  static String rules(Map<String, RuleRates.Count> since, double seconds) {
    Table table = new Table("ROUTE", "REQ/S", "SUCCESS");
    since.entrySet().stream()
        .filter(rule -> rule.getValue().requests() > 0)
        .sorted(
            Comparator.comparingDouble(
                    (Map.Entry<String, RuleRates.Count> rule) -> rule.getValue().success())
                .thenComparing(rule -> -rule.getValue().requests())
                .thenComparing(Map.Entry::getKey))
        .limit(MOST_RULES)
        .forEach(
            rule ->
                table.row(
                    rule.getKey().equals("-") ? "no rule matched" : rule.getKey(),
                    decimal(rule.getValue().requests() / seconds, 1),
                    decimal(rule.getValue().success(), 2) + "%"));
    return table.empty() ? "" : String.join("\n", table.lines());
  }

  private static void row(Table table, Line line, Count count, double seconds) {
    table.row(
        line.service,
        line.version,
        decimal(count.all() / seconds, 1),
        decimal(count.success(), 2) + "%",
        millis(count, 0.5),
        millis(count, 0.9),
        millis(count, 0.99),
        line.reporter);
  }

  private static String busy(List<Series> upstreams) {
    Map<String, Map<String, Double>> clusters = new TreeMap<>();
    for (Series one : upstreams) {
      Map<String, Double> values =
          clusters.computeIfAbsent(one.label("cluster"), fresh -> new TreeMap<>());
      values.merge(one.name(), one.value(), one.name().equals(BREAKER) ? Math::max : Double::sum);
    }
    Table table = new Table("UPSTREAM", "IN FLIGHT", "WAITING", "CONNECTIONS", "BREAKER");
    clusters.forEach(
        (cluster, values) -> {
          int breaker = values.getOrDefault(BREAKER, 0.0).intValue();
          if (breaker > 0 || value(values, IN_FLIGHT) + value(values, PENDING) > 0) {
            table.row(
                cluster,
                value(values, IN_FLIGHT),
                value(values, PENDING),
                value(values, CONNECTIONS),
                BREAKERS.get(Math.min(breaker, BREAKERS.size() - 1)));
          }
        });
    return table.empty() ? "" : String.join("\n", table.lines());
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
