package dev.weft.control;

import dev.weft.routing.process.Environment;
import dev.weft.routing.process.ProxyCommand;
import picocli.CommandLine.Command;

/** {@code weft control}, {@code weft token}, {@code weft certify} and {@code weft inject}. */
@Command(
    name = "weft",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    subcommands = {
      CertifyCommand.class,
      ControlCommand.class,
      InjectCommand.class,
      TokenCommand.class
    })
public final class Main {

  private Main() {}

  /** The first argument is the command; flags default to the variables of {@link Environment}. */
  public static void main(String[] args) {
    ProxyCommand.main(new Main(), args);
  }
}
