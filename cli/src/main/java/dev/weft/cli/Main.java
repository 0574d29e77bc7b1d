package dev.weft.cli;

import dev.weft.cli.demo.DemoCommand;
import dev.weft.cli.doctor.DoctorCommand;
import dev.weft.routing.process.ProxyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code weft check}, {@code weft explain}, {@code weft demo} and {@code weft doctor}. */
@Command(
    name = "weft",
    description = "API gateway and service mesh in one engine, steered by Istio's configuration.",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    subcommands = {
      CheckCommand.class,
      DemoCommand.class,
      DoctorCommand.class,
      ExplainCommand.class
    })
public final class Main {

  private Main() {}

  /** Exits 0 done, 1 found or failed, 2 usage. */
  public static void main(String[] args) {
    CommandLine command = ProxyCommand.line(new Main());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(command.execute(args));
  }
}
