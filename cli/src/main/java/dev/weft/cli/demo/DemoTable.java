package dev.weft.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The live table: per hop and version what the sidecars counted since the last look, and whom the
 * callers' certificates named.
 */
final class DemoTable {

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  private Map<String, Row> before = Map.of();

  /** What one edge counted so far. */
  private record Row(
      String source,
      String version,
      boolean secure,
      long good,
      long bad,
      TreeMap<Double, Long> le) {
    Row minus(Row other) {
      TreeMap<Double, Long> rest = new TreeMap<>();
      le.forEach((bound, count) -> rest.put(bound, count - other.le.getOrDefault(bound, 0L)));
      return new Row(source, version, secure, good - other.good, bad - other.bad, rest);
    }

    String quantile(double q) {
      long all = le.isEmpty() ? 0 : le.lastEntry().getValue();
      for (Map.Entry<Double, Long> bucket : le.entrySet()) {
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
   * @param seconds since the last call
   */
  List<String> lines(List<String> metrics, double seconds) {
    Map<String, Row> now = new LinkedHashMap<>();
    for (String text : metrics) {
      text.lines().filter(DemoTable::counts).forEach(line -> read(line, now));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "%-9s %-8s %7s %7s %8s %8s %8s  %s",
            "FROM", "VERSION", "RPS", "SHARE", "SUCCESS", "P50", "P99", "TLS"));
    Map<String, Long> sums = new TreeMap<>();
    Map<String, Row> rates = new TreeMap<>();
    now.forEach(
        (key, row) -> {
          Row rate = before.containsKey(key) ? row.minus(before.get(key)) : row;
          rates.put(key, rate);
          sums.merge(row.source, rate.good + rate.bad, Long::sum);
        });
    before = now;
    rates.forEach(
        (key, row) -> {
          long all = row.good + row.bad;
          long sum = Math.max(1, sums.getOrDefault(row.source, 1L));
          lines.add(
              String.format(
                  Locale.ROOT,
                  "%-9s %-8s %7.1f %6.1f%% %7.2f%% %8s %8s  %s",
                  row.source,
                  row.version,
                  all / seconds,
                  100.0 * all / sum,
                  all == 0 ? 100.0 : 100.0 * row.good / all,
                  row.quantile(0.5),
                  row.quantile(0.99),
                  row.secure ? "mTLS as " + row.source : "none"));
        });
    return lines;
  }

  private static boolean counts(String line) {
    return line.contains("reporter=\"destination\"")
        && (line.startsWith("istio_requests_total{")
            || line.startsWith("istio_request_duration_milliseconds_bucket{"));
  }

  private static void read(String line, Map<String, Row> rows) {
    Map<String, String> labels = new LinkedHashMap<>();
    Matcher label = LABEL.matcher(line);
    while (label.find()) {
      labels.put(label.group(1), label.group(2));
    }
    String source = labels.getOrDefault("source_app", "?");
    String version = labels.getOrDefault("destination_version", "?");
    String key = source + " " + version;
    boolean secure = labels.getOrDefault("connection_security_policy", "").equals("mutual_tls");
    Row row = rows.getOrDefault(key, new Row(source, version, secure, 0, 0, new TreeMap<>()));
    long value = (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    if (line.startsWith("istio_requests_total")) {
      boolean good = !labels.getOrDefault("response_code", "").startsWith("5");
      rows.put(
          key,
          new Row(
              source,
              version,
              secure && row.secure,
              row.good + (good ? value : 0),
              row.bad + (good ? 0 : value),
              row.le));
    } else {
      String bound = labels.getOrDefault("le", "+Inf");
      double upper = bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound);
      row.le.merge(upper, value, Long::sum);
      rows.putIfAbsent(key, row);
    }
  }
}
