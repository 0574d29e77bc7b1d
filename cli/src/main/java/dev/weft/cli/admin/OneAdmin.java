package dev.weft.cli.admin;

import dev.weft.routing.process.HostPort;
import picocli.CommandLine.Option;

/** Which process a command asks; a mixin of it. */
public final class OneAdmin {

  /** What a user may do where nobody answers. */
  public static final String ANOTHER = "--admin ADDR:PORT asks another one";

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
    return port(what, ANOTHER);
  }

  /** Likewise. */
  public AdminPort port(String what, String instead) {
    return new AdminPort(at, what, instead);
  }
}
