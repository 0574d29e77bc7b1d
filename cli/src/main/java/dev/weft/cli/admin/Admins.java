package dev.weft.cli.admin;

import dev.weft.routing.process.HostPort;
import java.util.List;
import picocli.CommandLine.Option;

/** Which processes a command asks; a mixin of it. */
public final class Admins {

  @Option(
      names = "--admin",
      paramLabel = "[ADDR:]PORT",
      defaultValue = "127.0.0.1:15000",
      converter = HostPort.Converter.class,
      description = {
        "Admin port to ask (default: ${DEFAULT-VALUE});",
        "again for each further one. That of a control",
        "plane stands for the proxies that listen to it."
      })
  private List<HostPort> admins = List.of();

  /** The proxies there: where a control plane answers, those that listen to it. */
  public Proxies proxies() throws InterruptedException {
    return Proxies.of(ports("proxy"));
  }

  /**
   * What is at the ports themselves, also where a control plane answers.
   *
   * @param what is there, see {@link AdminPort}
   */
  public Proxies named(String what) {
    return Proxies.named(ports(what));
  }

  /** The ports, as a user would name them. */
  public List<String> names() {
    return admins.stream().distinct().map(HostPort::toString).toList();
  }

  private List<AdminPort> ports(String what) {
    return admins.stream().distinct().map(at -> new AdminPort(at, what, OneAdmin.ANOTHER)).toList();
  }
}
