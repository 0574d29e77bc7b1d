package dev.weft.cli.live;

import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** What a command prints. */
final class Printed {

  private Printed() {}

  /** How it prints. */
  enum Output {
    text,
    json
  }

  static void to(@Nullable CommandSpec spec, String text) {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
