package dev.weft.cli.admin;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command tells what it found, for people or for machines; a mixin of it. */
public final class Telling {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "How it is told (default: ${DEFAULT-VALUE}).")
  private Output output = Output.text;

  private enum Output {
    text,
    json
  }

  /** Whether machines are told. */
  public boolean json() {
    return output == Output.json;
  }

  /** Tells the one or the other. */
  public void tell(JsonObject json, Supplier<String> text) {
    tell(json() ? json.encodePrettily() : text.get());
  }

  /**
   * A line or several, the last one without its end.
   *
   * @return whether somebody still reads: what follows a pipe may have ended
   */
  public boolean tell(String text) {
    return tell(spec, text);
  }

  /** What is not among what is told, beside it: a line each. */
  public void unheard(Proxies asked) {
    asked.unheard().forEach(why -> beside("not asked: " + Table.plain(why)));
  }

  /** Likewise, of those that were asked and did not answer. */
  public void silent(Proxies.Answers<?> answers) {
    answers.silent().forEach(why -> beside(Table.plain(why)));
  }

  /** A line on standard error, of what the answer is not about. */
  public void beside(String text) {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    err.println("weft: " + text);
    err.flush();
  }

  private static boolean tell(@Nullable CommandSpec command, String text) {
    PrintWriter out = Objects.requireNonNull(command).commandLine().getOut();
    out.println(text);
    return !out.checkError();
  }
}
