package dev.weft.cli;

import dev.weft.cli.demo.DemoCommand;
import dev.weft.routing.process.Environment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code weft check}, {@code weft explain} and {@code weft demo}. */
@Command(
    name = "weft",
    description = "API gateway and service mesh in one engine, steered by Istio's configuration.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {CheckCommand.class, DemoCommand.class, ExplainCommand.class})
public final class Main {

  private Main() {}

  /** Exits 0 done, 1 found or failed, 2 usage. */
  public static void main(String[] args) {
    CommandLine command = new CommandLine(new Main());
    command.setDefaultValueProvider(new Environment(System.getenv()));
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setExecutionExceptionHandler(
        (failure, line, parsed) -> {
          line.getErr().println("weft: " + failure.getMessage());
          return 1;
        });
    System.exit(command.execute(args));
  }

  /** From the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"weft " + (version == null ? "(not packaged)" : version)};
    }
  }
}
