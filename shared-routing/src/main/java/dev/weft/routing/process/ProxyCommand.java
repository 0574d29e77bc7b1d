package dev.weft.routing.process;

import dev.weft.routing.identity.engine.BoringSsl;
import dev.weft.routing.process.flags.WrongUsage;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a command as a process: exit 0 after SIGTERM, 1 with one sentence, 2 for usage. */
public final class ProxyCommand {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(30);
  private static final int WIDTH = 80;
  private static final Pattern NUMBER = Pattern.compile(" is not an? (int|long)$");
  private static final int ONE_LOOP = 1; // the control plane's, and no flag for it

  private ProxyCommand() {}

  /** Executes a picocli command and ends the process with its exit code. */
  public static void main(Object command, String[] args) {
    System.exit(line(command).execute(args));
  }

  /**
   * A command with the house's manners: flags from the environment, one sentence for what went
   * wrong, exit 1 for a failure and 2 for usage; the process's log on standard error.
   */
  public static CommandLine line(Object command) {
    ProcessLog.start();
    CommandLine line = new CommandLine(command);
    line.setDefaultValueProvider(new Environment(System.getenv()));
    line.setUsageHelpWidth(WIDTH);
    line.getSubcommands().values().forEach(each -> versioned(each.getCommandSpec(), line));
    line.setExecutionExceptionHandler(
        (failure, failed, parsed) -> {
          failed.getErr().println("weft: " + sentence(failure));
          return 1;
        });
    line.setParameterExceptionHandler(
        (wrong, given) -> {
          CommandLine at = wrong.getCommandLine();
          String name = at.getCommandSpec().qualifiedName();
          String typed = name.startsWith("weft") ? name : "weft " + name;
          at.getErr().println("weft: " + plain(String.valueOf(wrong.getMessage())));
          at.getErr().println("      ./" + typed + " --help tells all flags");
          return 2;
        });
    return line;
  }

  /** What was typed is no number, by whatever name the language has for those. */
  private static String plain(String message) {
    return NUMBER.matcher(message).replaceFirst(" is no whole number");
  }

  /** Serves until the process is told to end; then it drains, and the exit code is 0. */
  static int run(Proxy proxy, PrintWriter err) throws InterruptedException {
    BoringSsl.load();
    return run(proxy.start(), new Stop(proxy::end, proxy.longestEnd()), !proxy.train(), err);
  }

  /**
   * @param started fails with a sentence where it cannot serve
   * @param stop ends it in an orderly manner
   */
  public static int run(Future<Void> started, Supplier<Future<Void>> stop, PrintWriter err)
      throws InterruptedException {
    return run(started, new Stop(stop, LONGEST_STOP), true, err);
  }

  /**
   * How a process ends in an orderly manner.
   *
   * @param longest after which it ends anyhow
   */
  private record Stop(Supplier<Future<Void>> how, Duration longest) {}

  private static int run(Future<Void> started, Stop stop, boolean serves, PrintWriter err)
      throws InterruptedException {
    CountDownLatch known = new CountDownLatch(1);
    started.onComplete(done -> known.countDown());
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(started.succeeded(), stop), "weft-stop"));
    known.await();
    if (started.failed()) {
      if (started.cause() instanceof WrongUsage usage) {
        throw usage;
      }
      err.println("weft: " + sentence(started.cause()));
      return 1;
    }
    if (serves) {
      new CountDownLatch(1).await(); // the hook ends the process
    }
    return 0;
  }

  /** On SIGTERM or SIGINT; halts, since the JVM's own exit code would be 143. */
  private static void end(boolean serves, Stop stop) {
    if (!serves) {
      return; // it never began, or failed and exits with 1
    }
    CountDownLatch ended = new CountDownLatch(1);
    stop.how.get().onComplete(stopped -> ended.countDown());
    try {
      if (!ended.await(stop.longest.toSeconds(), TimeUnit.SECONDS)) {
        LoggerFactory.getLogger(ProxyCommand.class)
            .warn("what was under way did not end within {} s", stop.longest.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void versioned(CommandSpec command, CommandLine parent) {
    if (command.versionProvider() == null) {
      command.versionProvider(parent.getCommandSpec().versionProvider());
    }
  }

  static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** From the manifest of the jar that a command is in. */
  public static String version() {
    return "weft " + number().orElse("(not packaged)");
  }

  /** The same without the name; empty where a command is in no jar. */
  static Optional<String> number() {
    return Optional.ofNullable(ProxyCommand.class.getPackage().getImplementationVersion());
  }

  /**
   * From the manifest of the jar that a command is in; where the command has {@code --verbose} and
   * it is given, what the process was started with as well.
   */
  public static final class Version implements IVersionProvider {

    @Spec private @Nullable CommandSpec command;

    @Override
    public String[] getVersion() {
      List<String> lines = new ArrayList<>();
      lines.add(version());
      if (given("--verbose").filter(Boolean.TRUE::equals).isPresent()) {
        lines.addAll(new StartedWith(given("--profile").map(Object::toString), ONE_LOOP).lines());
      }
      return lines.toArray(String[]::new);
    }

    private Optional<Object> given(String option) {
      return Optional.ofNullable(command)
          .map(spec -> spec.findOption(option))
          .map(CommandLine.Model.OptionSpec::getValue);
    }
  }
}
