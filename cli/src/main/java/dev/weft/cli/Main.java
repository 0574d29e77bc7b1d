package dev.weft.cli;

import dev.weft.cli.demo.DemoCommand;
import dev.weft.cli.doctor.DoctorCommand;
import dev.weft.cli.history.ConfigCommand;
import dev.weft.cli.live.EdgesCommand;
import dev.weft.cli.live.RoutesCommand;
import dev.weft.cli.live.StatusCommand;
import dev.weft.cli.live.TapCommand;
import dev.weft.cli.live.TopCommand;
import dev.weft.routing.process.ProxyCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of {@code weft} that serve nothing: they check, explain, show and examine. */
@Command(
    name = "weft",
    description = "API gateway and service mesh in one engine, steered by Istio's configuration.",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    subcommands = {
      CheckCommand.class,
      ConfigCommand.class,
      DemoCommand.class,
      DoctorCommand.class,
      EdgesCommand.class,
      ExplainCommand.class,
      RoutesCommand.class,
      StatusCommand.class,
      TapCommand.class,
      TopCommand.class,
      WhyCommand.class
    })
public final class Main {

  private Main() {}

  /** Exits 0 done, 1 found or failed, 2 usage. */
  public static void main(String[] args) {
    CommandLine command = ProxyCommand.line(new Main());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setOut(out());
    System.exit(command.execute(args));
  }

  /** Standard output itself, which knows when nobody reads it any more: {@code | head}. */
  private static PrintWriter out() {
    FileOutputStream raw = new FileOutputStream(FileDescriptor.out);
    return new PrintWriter(new OutputStreamWriter(raw, StandardCharsets.UTF_8), true);
  }
}
