package dev.weft.cli.admin;

import dev.weft.routing.process.HostPort;
import picocli.CommandLine.Option;

/** Which process a command asks; a mixin of it. */
public final class OneAdmin {

  @Option(
      names = "--admin",
      paramLabel = "[ADDR:]PORT",
      defaultValue = "127.0.0.1:15000",
      converter = HostPort.Converter.class,
      description = "Admin port to ask (default: ${DEFAULT-VALUE}).")
  private HostPort at = new HostPort("127.0.0.1", 15_000);

  /**
   * @param what is there, see {@link AdminPort}
   */
  public AdminPort port(String what) {
    return Admins.port(at, what);
  }
}
