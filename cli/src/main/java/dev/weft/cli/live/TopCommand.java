package dev.weft.cli.live;

import dev.weft.cli.admin.Admins;
import dev.weft.cli.admin.Proxies;
import dev.weft.cli.admin.Table;
import dev.weft.cli.admin.Telling;
import dev.weft.cli.live.Screen.Line;
import dev.weft.cli.live.Screen.Mood;
import dev.weft.cli.live.Traffic.Edge;
import dev.weft.config.yaml.Durations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
      "Shows what the proxies that are asked served since the last look: requests a",
      "second, success and latencies of each service and version, worst first; below",
      "it the same of the routes that were chosen, and upstreams with work under way",
      "or an open breaker. On a terminal it is refreshed in place until q or Ctrl-C;",
      "elsewhere, and with --count, each look stands below the one before; as JSON,",
      "each is a line. NO_COLOR is honoured. A control plane's port stands for all",
      "proxies that listen to it. Exit 1 where a port that was named did not answer:",
      "the others are told.",
      "",
      "  ./weft top",
      "  ./weft top --admin 15000 --admin 15100 --every 5s",
      "  ./weft top --once --output json",
      ""
    })
public final class TopCommand implements Callable<Integer> {

  private static final int ANY_WIDTH = Integer.MAX_VALUE;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final Admins admins = new Admins();

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "2s",
      description = "Between two looks (default: ${DEFAULT-VALUE}).")
  private String every = "2s";

  @Option(names = "--count", paramLabel = "N", description = "Ends after so many looks, from 1.")
  private @Nullable Long count;

  @Option(names = "--once", description = "Ends after one look, as --count 1.")
  private boolean once;

  @Mixin private final Telling telling = new Telling();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration pause =
        Durations.parse(every)
            .filter(one -> one.toMillis() >= 100)
            .orElseThrow(
                () -> fault("--every " + every + " (expected: a time such as 2s, from 100ms)"));
    long looks = looks();
    Look first = look();
    if (looks > 0 || telling.json()) {
      return told(first, pause, looks > 0 ? looks : Long.MAX_VALUE);
    }
    Optional<LiveTerminal> there =
        LiveTerminal.of(Objects.requireNonNull(spec).commandLine().getOut());
    if (there.isEmpty()) {
      return told(first, pause, Long.MAX_VALUE);
    }
    try (LiveTerminal terminal = there.get()) {
      shown(terminal, first, pause);
    } catch (InterruptedException enough) {
      return 0; // by a key
    }
    return 0;
  }

  private long looks() {
    if (once && count != null) {
      throw fault("--once and --count (expected: one of them)");
    }
    if (count != null && count < 1) {
      throw fault("--count " + count + " (expected: 1 or more)");
    }
    return once ? 1 : count == null ? 0 : count;
  }

  private ParameterException fault(String sentence) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
  }

  /** Who does not answer is told when it begins. */
  private int told(Look first, Duration pause, long looks)
      throws IOException, InterruptedException {
    Look before = first;
    telling.silent(first.answers);
    int code = first.answers.code();
    boolean read = true;
    for (long looked = 0; looked < looks && read; looked++) {
      Thread.sleep(pause.toMillis());
      Look now = look();
      if (!now.answers.silent().equals(before.answers.silent())) {
        telling.silent(now.answers);
      }
      code = Math.max(code, now.answers.code());
      Since since = now.since(before);
      read =
          telling.tell(
              telling.json()
                  ? since.json(Instant.now()).encode()
                  : Screen.text(since.sections(ANY_WIDTH)) + "\n");
      before = now;
    }
    return code;
  }

  /** Goes on while a proxy is away: one that is started anew is seen again. */
  private void shown(LiveTerminal terminal, Look first, Duration pause)
      throws InterruptedException {
    String asked =
        "weft top  " + String.join(", ", admins.names()) + "  every " + every + "  q ends";
    Line title = new Line(asked, Mood.PLAIN);
    terminal.show(width -> List.of(List.of(title)));
    Look before = first;
    while (true) {
      terminal.pause(pause);
      try {
        Look now = look();
        Since since = now.since(before);
        List<Line> head = new ArrayList<>(List.of(title));
        now.answers.silent().forEach(why -> head.add(new Line(Table.plain(why), Mood.BAD)));
        terminal.show(width -> below(head, since.sections(width)));
        before = now;
      } catch (IOException | IllegalArgumentException away) {
        Line why = new Line(String.valueOf(away.getMessage()), Mood.BAD);
        terminal.show(width -> List.of(List.of(title), List.of(why)));
      }
    }
  }

  private static List<List<Line>> below(List<Line> head, List<List<Line>> sections) {
    List<List<Line>> all = new ArrayList<>();
    all.add(head);
    all.addAll(sections);
    return all;
  }

  /** What one proxy tells at a moment. */
  private record Told(Map<Edge, Count> traffic, Map<String, Count> routes, List<Series> upstreams) {
    private static Told of(String metrics) {
      return new Told(
          Traffic.of(metrics), RouteTraffic.of(metrics), Series.of(metrics, TopTable.UPSTREAMS));
    }
  }

  /** What all of them tell at a moment. */
  private record Look(long nanos, Proxies.Answers<Told> answers) {

    Since since(Look before) {
      return new Since(
          (nanos - before.nanos) / 1e9,
          each(before, Told::traffic),
          each(before, Told::routes),
          answers.told().values().stream().flatMap(one -> one.upstreams().stream()).toList());
    }

    /** Of one that was not asked before it is not known what is new. */
    private <K extends Comparable<K>> Map<K, Count> each(
        Look before, Function<Told, Map<K, Count>> what) {
      Map<String, Told> those = new HashMap<>();
      before.answers.told().forEach((one, then) -> those.put(where(one), then));
      List<Map<K, Count>> all = new ArrayList<>();
      answers
          .told()
          .forEach(
              (one, now) ->
                  Optional.ofNullable(those.get(where(one)))
                      .ifPresent(
                          then -> all.add(Counting.since(what.apply(then), what.apply(now)))));
      return Counting.together(all);
    }

    private static String where(Proxies.One one) {
      return one.port().address("/metrics");
    }
  }

  /** What came between two looks. */
  private record Since(
      double seconds, Map<Edge, Count> traffic, Map<String, Count> routes, List<Series> upstreams) {

    List<List<Line>> sections(int width) {
      return List.of(
          TopTable.services(traffic, seconds, width),
          TopTable.routes(routes, seconds, width),
          TopTable.busy(upstreams, width));
    }

    JsonObject json(Instant now) {
      return TopJson.of(traffic, routes, upstreams, seconds).put("time", now.toString());
    }
  }

  /** Who listens to a control plane may be another one each time. */
  private Look look() throws IOException, InterruptedException {
    Proxies.Answers<Told> answers = admins.proxies().ask(port -> Told.of(port.text("/metrics")));
    return new Look(System.nanoTime(), answers);
  }
}
