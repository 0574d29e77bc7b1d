package dev.weft.cli.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The live table: per hop and version what the sidecars counted since the last look, and whom the
 * callers' certificates named. All of it is what the receiving side saw, not what configuration
 * says.
 */
final class DemoTable {

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");
  private static final String FORMAT = "%-18s %-8s %7s %7s %8s %8s %8s  %s";

  private Map<String, Long> before = Map.of();

  /** A line of the table: who called which version, and how the caller proved itself. */
  private record Hop(String hop, String version, String tls) implements Comparable<Hop> {
    @Override
    public int compareTo(Hop other) {
      return (hop + version + tls).compareTo(other.hop + other.version + other.tls);
    }
  }

  /** What was counted on one hop since the last look. */
  private static final class Row {

    private final TreeMap<Double, Long> byBound = new TreeMap<>();
    private long good;
    private long bad;

    private long all() {
      return good + bad;
    }

    private String quantile(double q) {
      long all = byBound.isEmpty() ? 0 : byBound.lastEntry().getValue();
      for (Map.Entry<Double, Long> bucket : byBound.entrySet()) {
        if (all > 0 && bucket.getValue() >= q * all) {
          return bucket.getKey().isInfinite() ? "more" : "<" + plain(bucket.getKey()) + "ms";
        }
      }
      return "-";
    }

    private static String plain(double value) {
      return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
  }

  /**
   * @param metrics of each process, by its name
   * @param seconds since the last call
   */
  List<String> lines(Map<String, String> metrics, double seconds) {
    Map<String, Long> now = new HashMap<>();
    Map<Hop, Row> rows = new TreeMap<>();
    metrics.forEach(
        (process, text) ->
            text.lines().filter(DemoTable::counts).forEach(line -> read(process, line, now, rows)));
    before = now;
    Map<String, Long> sums = new TreeMap<>();
    rows.forEach((hop, row) -> sums.merge(hop.hop, row.all(), Long::sum));
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(FORMAT, "HOP", "VERSION", "RPS", "SHARE", "SUCCESS", "P50", "P99", "TLS"));
    rows.forEach(
        (hop, row) ->
            lines.add(
                String.format(
                    FORMAT,
                    hop.hop,
                    hop.version,
                    decimal(row.all() / seconds, 1),
                    decimal(percent(row.all(), sums.getOrDefault(hop.hop, 0L), 0), 1) + "%",
                    decimal(percent(row.good, row.all(), 100), 2) + "%",
                    row.quantile(0.5),
                    row.quantile(0.99),
                    hop.tls)));
    return lines;
  }

  private static double percent(long part, long whole, double otherwise) {
    return whole == 0 ? otherwise : 100.0 * part / whole;
  }

  private static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }

  private static boolean counts(String line) {
    return line.contains("reporter=\"destination\"")
        && (line.startsWith("istio_requests_total{")
            || line.startsWith("istio_request_duration_milliseconds_bucket{"));
  }

  private void read(String process, String line, Map<String, Long> now, Map<Hop, Row> rows) {
    Map<String, String> labels = new HashMap<>();
    Matcher label = LABEL.matcher(line);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    int space = line.lastIndexOf(' ');
    String series = process + " " + line.substring(0, space);
    long value = (long) Double.parseDouble(line.substring(space + 1));
    now.put(series, value);
    long more = Math.max(0, value - before.getOrDefault(series, 0L));
    Row row = rows.computeIfAbsent(hop(labels), fresh -> new Row());
    if (!line.startsWith("istio_requests_total")) {
      String bound = labels.getOrDefault("le", "+Inf");
      double upper = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
      row.byBound.merge(upper, more, Long::sum);
    } else if (labels.getOrDefault("response_code", "").startsWith("5")) {
      row.bad += more;
    } else {
      row.good += more;
    }
  }

  private static Hop hop(Map<String, String> labels) {
    boolean secure = "mutual_tls".equals(labels.get("connection_security_policy"));
    return new Hop(
        labels.getOrDefault("source_app", "?")
            + " -> "
            + labels.getOrDefault("destination_app", "?"),
        labels.getOrDefault("destination_version", "?"),
        secure ? "mTLS " + labels.getOrDefault("source_principal", "?") : "none: plaintext");
  }
}
