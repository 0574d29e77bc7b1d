package dev.weft.cli.live;

import dev.weft.cli.admin.AdminPort;
import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Telling;
import dev.weft.cli.live.Traffic.Edge;
import dev.weft.config.yaml.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft top}: which services and routes are asked how much, how well, how fast. */
@Command(
    name = "top",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what the proxies that are asked served since the last look: requests a second,",
      "success, latencies of each service and version, worst first; below it the routes that were",
      "chosen, and upstreams with work under way or an open breaker. On a terminal it is refreshed",
      "in place until Ctrl-C; with --count each look stands below the one before.",
      "",
      "  ./weft top",
      "  ./weft top --admin 15000 --admin 15100 --every 5s",
      ""
    })
public final class TopCommand implements Callable<Integer> {

  private static final String ANEW = "\u001b[H\u001b[2J"; // of a terminal: from the top, all clear

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final Admins admins = new Admins();

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "2s",
      description = "Between two looks (default: ${DEFAULT-VALUE}).")
  private String every = "2s";

  @Option(names = "--count", paramLabel = "N", description = "Ends after so many looks.")
  private long count;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    Duration pause =
        Durations.parse(every)
            .filter(one -> one.toMillis() >= 100)
            .orElseThrow(
                () ->
                    new ParameterException(
                        line, "--every " + every + " (expected: 100ms or more)"));
    List<AdminPort> ports = admins.ports("proxy");
    Look before = look(ports);
    long then = System.nanoTime();
    for (long looked = 0; count == 0 || looked < count; looked++) {
      Thread.sleep(pause.toMillis());
      Look look = look(ports);
      long now = System.nanoTime();
      List<Map<Edge, Count>> since = new ArrayList<>();
      for (int i = 0; i < ports.size(); i++) {
        since.add(Traffic.since(before.traffic.get(i), look.traffic.get(i)));
      }
      double seconds = (now - then) / 1e9;
      String rules = TopTable.rules(RuleRates.since(before.rules, look.rules), seconds);
      String text =
          TopTable.text(Traffic.together(since), seconds, look.upstreams)
              + (rules.isEmpty() ? "" : "\n\n" + rules);
      Telling.tell(spec, inPlace() ? ANEW + text : text + "\n");
      before = look;
      then = now;
    }
    return 0;
  }

  private boolean inPlace() {
    String terminal = System.getenv("TERM");
    return count == 0 && terminal != null && !terminal.equals("dumb");
  }

  /** What all of them tell at a moment. */
  private record Look(
      List<Map<Edge, Count>> traffic,
      List<Series> upstreams,
      List<Map<String, RuleRates.Count>> rules) {}

  private static Look look(List<AdminPort> ports) throws IOException, InterruptedException {
    List<Map<Edge, Count>> traffic = new ArrayList<>();
    List<Series> upstreams = new ArrayList<>();
    List<Map<String, RuleRates.Count>> rules = new ArrayList<>();
    for (AdminPort port : ports) {
      String metrics = port.text("/metrics");
      traffic.add(Traffic.of(metrics));
      upstreams.addAll(Series.of(metrics, TopTable.UPSTREAMS));
      rules.add(RuleRates.of(port.json("/dashboard/api/totals")));
    }
    return new Look(traffic, upstreams, rules);
  }
}
