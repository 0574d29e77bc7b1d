package dev.weft.routing.process;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;

/** Runs a proxy as a process: exit 0 after SIGTERM, 1 with one sentence, 2 for usage. */
public final class ProxyCommand {

  private static final long LONGEST_STOP_SECONDS = 30;
  private static final int WIDTH = 100;

  private ProxyCommand() {}

  /** Executes a picocli command and ends the process with its exit code. */
  public static void main(Object command, String[] args) {
    System.exit(line(command).execute(args));
  }

  /**
   * A command with the house's manners: flags from the environment, one sentence for what went
   * wrong, exit 1 for a failure and 2 for usage.
   */
  public static CommandLine line(Object command) {
    CommandLine line = new CommandLine(command);
    line.setDefaultValueProvider(new Environment(System.getenv()));
    line.setUsageHelpWidth(WIDTH);
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
          at.getErr().println("weft: " + wrong.getMessage());
          at.getErr().println("      ./" + typed + " --help tells all flags");
          return 2;
        });
    return line;
  }

  /** Serves until the process is told to end. */
  public static int run(Proxy proxy, PrintWriter err) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              proxy.stop().onComplete(stopped -> ended.countDown());
              try {
                if (!ended.await(LONGEST_STOP_SECONDS, TimeUnit.SECONDS)) {
                  Runtime.getRuntime().halt(0);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "weft-stop");
    Throwable[] failure = new Throwable[1];
    proxy.start().onFailure(cause -> failure[0] = cause).onComplete(done -> started.countDown());
    started.await();
    if (failure[0] != null) {
      if (failure[0] instanceof CommandLine.ParameterException usage) {
        throw usage;
      }
      err.println("weft: " + sentence(failure[0]));
      return 1;
    }
    Runtime.getRuntime().addShutdownHook(hook);
    ended.await();
    return 0;
  }

  private static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** From the manifest of the jar that a command is in. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = ProxyCommand.class.getPackage().getImplementationVersion();
      return new String[] {"weft " + (version == null ? "(not packaged)" : version)};
    }
  }
}
