package dev.weft.routing.process;

import dev.weft.routing.process.flags.Given;
import dev.weft.routing.process.flags.Manual;
import dev.weft.routing.process.flags.WrongUsage;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs a gateway or a sidecar as a process: exit 0 after SIGTERM, 1 with one sentence, 2 for usage.
 */
public final class ProxyMain {

  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private final Manual manual;
  private final Map<String, String> environment;
  private final PrintWriter out;
  private final PrintWriter err;

  ProxyMain(Manual manual, Map<String, String> environment, PrintWriter out, PrintWriter err) {
    this.manual = manual;
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /**
   * Does what the command line says and ends the process.
   *
   * @param proxy what the flags ask for, not started
   */
  public static void main(Manual manual, String[] words, Function<Given, Proxy> proxy) {
    ProcessLog.start();
    PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
    PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
    System.exit(new ProxyMain(manual, System.getenv(), out, err).run(List.of(words), proxy));
  }

  /** The process's exit code. */
  int run(List<String> words, Function<Given, Proxy> proxy) {
    if (words.contains("--help") || words.contains("-h")) {
      out.print(manual.text());
      out.flush();
      return 0;
    }
    try {
      if (words.contains("--version") || words.contains("-V")) {
        version(given(words.stream().filter(one -> !one.matches("--version|-V")).toList()));
        return 0;
      }
      return ProxyCommand.run(proxy.apply(given(words)), err);
    } catch (WrongUsage e) {
      err.println("weft: " + e.getMessage());
      err.println("      ./" + manual.command() + " --help tells all flags");
      return USAGE;
    } catch (InterruptedException | RuntimeException e) {
      err.println("weft: " + ProxyCommand.sentence(e));
      return FAILED;
    }
  }

  private Given given(List<String> words) {
    return Given.of(manual.flags(), words, environment);
  }

  private void version(Given given) {
    out.println(ProxyCommand.version());
    if (given.has(ProxyOptions.VERBOSE)) {
      new StartedWith(given.one(ProxyOptions.PROFILE), ProxyOptions.loops(given))
          .lines()
          .forEach(out::println);
    }
  }
}
