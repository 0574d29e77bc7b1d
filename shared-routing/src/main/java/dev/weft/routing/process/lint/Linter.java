package dev.weft.routing.process.lint;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problem;
import dev.weft.config.problem.Problem.Severity;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.exchange.Workload;
import dev.weft.routing.verticle.ConfigVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the rules of what serves against each other after each change, as {@code weft check} does,
 * and keeps what was found. Nothing is refused for it.
 *
 * <p>One at a time, on a thread of its own that ends with it; only of the latest version, a newer
 * one ends what is under way; not longer than ten seconds, and so seldom that it takes a twentieth
 * of one processor at most. Any thread.
 */
public final class Linter {

  private static final Logger LOG = LoggerFactory.getLogger(Linter.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1); // changes come in groups
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int REST = 19; // for each part of time at work
  private static final int MOST_FINDINGS = 500;

  private final Work work;
  private final Timers timers;
  private final Ticker ticker;
  private final Workload workload;
  private volatile Known known = Known.NONE;
  private volatile Served latest = Served.NONE;
  private boolean due; // a look at the latest waits, or is under way
  private long rested; // when the next may begin

  /**
   * What serves.
   *
   * @param turn how many were told so far
   */
  private record Served(long turn, long version, MeshConfig config, List<Problem> problems) {
    static final Served NONE = new Served(0, 0, MeshConfig.EMPTY, List.of());
  }

  /** Where a look at what serves has come to. */
  private enum State {
    OFF,
    WAITING,
    DONE,
    CUT
  }

  /**
   * What is known of what serves.
   *
   * @param version 0 before the first
   * @param load what its load told
   * @param all that, and what was found
   */
  private record Known(
      long version, State state, List<Problem> load, List<Problem> all, Duration took) {

    static final Known NONE = new Known(0, State.OFF, List.of(), List.of(), Duration.ZERO);

    long findings() {
      return (long) all.size() - load.size();
    }
  }

  /** Where it is done. */
  interface Work {
    /** Not on an event loop, and not on a thread that something else waits for. */
    Future<Lint.Outcome> run(Callable<Lint.Outcome> look);
  }

  /**
   * @param workload whose settings say whether anything is done
   */
  public Linter(Vertx vertx, Ticker ticker, Workload workload) {
    this(look -> onItsOwn(vertx, look), new VertxTimers(vertx), ticker, workload);
  }

  Linter(Work work, Timers timers, Ticker ticker, Workload workload) {
    this.work = work;
    this.timers = timers;
    this.ticker = ticker;
    this.workload = workload;
    this.rested = ticker.nanos();
  }

  /**
   * Something serves: another version, or the same with other endpoints.
   *
   * @param problems what its load told
   */
  public synchronized void served(long version, MeshConfig config, List<Problem> problems) {
    latest = new Served(latest.turn + 1, version, config, List.copyOf(problems));
    schedule();
  }

  private synchronized void schedule() {
    Served of = latest;
    boolean wanted =
        Settings.of(of.config.proxySettings(), workload.namespace(), workload.labels()).lint();
    if (!wanted || of.version != known.version) {
      State state = wanted ? State.WAITING : State.OFF;
      known = new Known(of.version, state, of.problems, of.problems, Duration.ZERO);
    }
    if (wanted && !due) {
      due = true;
      long wait = Math.max(QUIET_NANOS, rested - ticker.nanos());
      timers.after(Duration.ofNanos(wait), this::look);
    }
  }

  private void look() {
    Served of = latest;
    long began = ticker.nanos();
    work.run(
            () ->
                Lint.check(
                    of.config,
                    of.problems,
                    () -> latest.version == of.version && ticker.nanos() - began < MOST_NANOS))
        .onSuccess(outcome -> found(of, outcome, Duration.ofNanos(ticker.nanos() - began)))
        .onFailure(fault -> LOG.warn("rules cannot be tried against each other", fault))
        .onComplete(ended -> ended(of, began));
  }

  /** A proxy has two workers, which its changes need. */
  private static Future<Lint.Outcome> onItsOwn(Vertx vertx, Callable<Lint.Outcome> look) {
    WorkerExecutor worker = vertx.createSharedWorkerExecutor("weft-lint", 1);
    return worker.executeBlocking(look).eventually(worker::close);
  }

  private synchronized void found(Served of, Lint.Outcome outcome, Duration took) {
    if (latest.version != of.version || known.state == State.OFF) {
      return;
    }
    Known before = known;
    State state = outcome.cut() ? State.CUT : State.DONE;
    known = new Known(of.version, state, of.problems, told(of, outcome.problems()), took);
    boolean news = before.state == State.WAITING || !before.all.equals(known.all);
    if (known.findings() > 0 && news) {
      LOG.info(
          "version {}: lint found {} after {} ms, warnings by code: {}; /config and the dashboard"
              + " tell them",
          of.version,
          known.findings(),
          took.toMillis(),
          counts());
    }
  }

  /** Not more than people read. */
  private static List<Problem> told(Served of, List<Problem> all) {
    int most = of.problems.size() + MOST_FINDINGS;
    if (all.size() <= most) {
      return all;
    }
    List<Problem> told = new ArrayList<>(all.subList(0, most));
    Problem last = all.get(most);
    told.add(
        new Problem(
            Severity.WARNING,
            Codes.TOO_LARGE,
            last.place(),
            "",
            "from here on " + (all.size() - most) + " more",
            "./weft check tells them all"));
    return List.copyOf(told);
  }

  /** What came meanwhile is looked at later. */
  private synchronized void ended(Served of, long began) {
    long now = ticker.nanos();
    rested = now + (now - began) * REST;
    due = false;
    if (latest.turn != of.turn) {
      schedule();
    }
  }

  /**
   * What the admin API shows of a load: with what was found, if it is the one that serves.
   *
   * @param shown what the load told
   */
  public AdminView.Config with(AdminView.Config shown) {
    Known now = known;
    boolean same =
        shown.version().equals(Long.toString(now.version)) && shown.problems().equals(now.load);
    AdminView.Lint lint =
        new AdminView.Lint(now.state.name().toLowerCase(Locale.ROOT), now.took, now.findings());
    return now.version == 0
        ? shown
        : new AdminView.Config(
            shown.version(),
            shown.applied(),
            shown.took(),
            shown.sources(),
            same ? now.all : shown.problems(),
            shown.rejected(),
            Optional.of(lint));
  }

  /** The same of a proxy. */
  public AdminView.Config with(ConfigVerticle.Status now) {
    return with(
        new AdminView.Config(
            Long.toString(now.version()),
            now.since(),
            now.took(),
            now.units(),
            now.problems(),
            now.rejected(),
            Optional.empty()));
  }

  /** Warnings of what serves, by code. */
  public Map<String, Long> counts() {
    return known.all.stream()
        .filter(one -> !one.error())
        .collect(Collectors.groupingBy(Problem::code, TreeMap::new, Collectors.counting()));
  }
}
