package dev.weft.cli.live;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.OneAdmin;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import dev.weft.config.yaml.Durations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft tap}: requests and connections as they end. */
@Command(
    name = "tap",
    mixinStandardHelpOptions = true,
    description = {
      "Shows requests and connections of a running proxy as they end, until Ctrl-C or",
      "--count. All filters hold together. Text, identity and names as the proxy",
      "proved them; JSON is the access log's line, see docs/signals.md.",
      "",
      "  ./weft tap --status 5xx",
      "  ./weft tap --path /find --slower 100ms --last 20 --output json",
      ""
    })
public final class TapCommand implements Callable<Integer> {

  private static final String DATA = "data: ";

  @Mixin private final OneAdmin admin = new OneAdmin();

  @Option(names = "--route", paramLabel = "PART", description = "Of the rule's name.")
  private String route = "";

  @Option(names = "--cluster", paramLabel = "PART", description = "Of the cluster's name.")
  private String cluster = "";

  @Option(names = "--status", paramLabel = "CODE", description = "E.g. 503, or 5xx.")
  private String status = "";

  @Option(names = "--identity", paramLabel = "PART", description = "Of the caller's SPIFFE id.")
  private String identity = "";

  @Option(names = "--path", paramLabel = "PREFIX", description = "What the path begins with.")
  private String path = "";

  @Option(names = "--slower", paramLabel = "TIME", description = "At least so long, e.g. 100ms.")
  private String slower = "0s";

  @Option(names = "--last", paramLabel = "N", description = "Begins with so many of the past.")
  private int last;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "1",
      description = "Shows each N-th (default: ${DEFAULT-VALUE}).")
  private int sample = 1;

  @Option(names = "--count", paramLabel = "N", description = "Ends after so many, from 1.")
  private long count = Long.MAX_VALUE;

  @Mixin private final Telling telling = new Telling();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (count < 1) {
      throw new ParameterException(line(), "--count " + count + " (expected: 1 or more)");
    }
    long left = count;
    try (Stream<String> lines = admin.port("proxy").lines(page())) {
      String event = "";
      for (Iterator<String> each = lines.iterator(); left > 0 && each.hasNext(); ) {
        String line = each.next();
        if (line.startsWith(DATA)) {
          boolean read = telling.tell(told(event, line.substring(DATA.length())));
          left -= event.isEmpty() ? 1 : 0;
          left = read ? left : 0;
        }
        event = line.startsWith("event: ") ? line : "";
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line(), String.valueOf(e.getMessage()), e);
    }
    return 0;
  }

  private picocli.CommandLine line() {
    return Objects.requireNonNull(spec).commandLine();
  }

  private String page() {
    long millis =
        Durations.parse(slower)
            .orElseThrow(
                () -> new ParameterException(line(), "--slower " + slower + " (expected: 100ms)"))
            .toMillis();
    return "/tap?slower="
        + millis
        + "&last="
        + last
        + "&sample="
        + sample
        + parameter("route", route)
        + parameter("cluster", cluster)
        + parameter("status", status)
        + parameter("identity", identity)
        + parameter("path", path);
  }

  private static String parameter(String name, String value) {
    return value.isEmpty() ? "" : "&" + name + "=" + AdminPort.encoded(value);
  }

  private String told(String event, String data) {
    if (telling.json()) {
      return data;
    }
    JsonObject entry = new JsonObject(data);
    return event.isEmpty()
        ? text(entry)
        : "(" + entry.getLong("missed", 0L) + " more were not shown: more than this reader takes)";
  }

  /** One line for people. */
  static String text(JsonObject entry) {
    boolean request = entry.containsKey("status");
    String asked =
        request
            ? entry.getString("method", "")
                + " "
                + entry.getString("authority", "")
                + entry.getString("path", "")
            : "to " + entry.getString("destination", "-");
    String line =
        String.format(
            Locale.ROOT,
            "%s %s %9.3fms %s <- %s -> %s%s",
            entry.getString("time", "-"),
            request ? String.valueOf(entry.getInteger("status")) : "tcp",
            entry.getDouble("duration_ms", 0.0),
            asked,
            caller(entry),
            way(entry),
            id(entry));
    String cause = entry.getString("cause", "");
    return Table.plain(
        cause.isEmpty() ? line : line + " " + cause + ": " + entry.getString("detail", ""));
  }

  private static String caller(JsonObject entry) {
    String principal = entry.getString("principal", "-");
    return principal.equals("-") ? entry.getString("source", "-") : principal;
  }

  /** By which {@code weft why} finds it again. */
  private static String id(JsonObject entry) {
    String id = entry.getString("request_id", "-");
    return id.equals("-") ? "" : " id " + id;
  }

  private static String way(JsonObject entry) {
    int attempts = entry.getInteger("attempts", 0);
    return entry.getString("cluster", "-")
        + " "
        + entry.getString("endpoint", "-")
        + (attempts > 1 ? " (" + attempts + " tries)" : "");
  }
}
