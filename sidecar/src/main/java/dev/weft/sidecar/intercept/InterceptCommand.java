package dev.weft.sidecar.intercept;

import dev.weft.routing.process.ProxyCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weft intercept}: has the kernel hand a workload's connections to its sidecar. */
@Command(
    name = "weft intercept",
    mixinStandardHelpOptions = true,
    versionProvider = ProxyCommand.Version.class,
    description = {
      "Has the kernel hand the TCP connections of this network namespace to a sidecar",
      "that was started with --intercept: those that leave to port 15001, those that",
      "arrive to 15006. Needs root, or CAP_NET_ADMIN and CAP_NET_RAW; the sidecar",
      "needs neither.",
      "",
      "  ./weft intercept install --exclude-inbound-ports 22",
      ""
    })
public final class InterceptCommand implements Runnable {

  private static final Path KERNEL_HAS_IPV6 = Path.of("/proc/net/if_inet6");

  private final Tables tables = new Tables();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "intercept what? (install, remove or show)");
  }

  /** The families whose rules are meant. */
  static final class Families {
    @Option(
        names = "--ipv4-only",
        description = "Leaves IPv6 alone: what goes over it meets no sidecar.")
    private boolean ipv4Only;

    List<Family> families() {
      return ipv4Only || !Files.exists(KERNEL_HAS_IPV6)
          ? List.of(Family.IPV4)
          : List.of(Family.values());
    }
  }

  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Writes the rules, in chains of their own, in place of those that it wrote",
        "before. All of them hold at once, or none does."
      })
  int install(
      @Mixin WantedOptions options,
      @Mixin Families families,
      @Option(
              names = "--dry-run",
              description = "Prints what would be written, and writes nothing.")
          boolean dryRun)
      throws IOException {
    Wanted wanted = options.wanted();
    if (dryRun) {
      for (Family family : families.families()) {
        told(family, Rules.install(wanted, family, Installed.NOTHING));
        if (wanted.transparent()) {
          told(MarkedRoute.told(family, "add") + "\n");
        }
      }
      return 0;
    }
    Turn.take(() -> install(wanted, families.families()));
    out()
        .println(
            "installed for "
                + families.families()
                + ": outbound to port "
                + wanted.outboundPort()
                + ", inbound to port "
                + wanted.inboundPort());
    out().flush();
    return 0;
  }

  private void install(Wanted wanted, List<Family> families) throws IOException {
    Map<Family, Installed> before = new EnumMap<>(Family.class);
    for (Family family : families) {
      Installed present = tables.read(family);
      before.put(family, present);
      tables.test(family, Rules.install(wanted, family, present));
    }
    write(wanted, before);
  }

  /** Each family is one transaction; where a later one fails the earlier ones are taken back. */
  private void write(Wanted wanted, Map<Family, Installed> before) throws IOException {
    Map<Family, Installed> done = new EnumMap<>(Family.class);
    try {
      for (Map.Entry<Family, Installed> one : before.entrySet()) {
        done.put(one.getKey(), one.getValue());
        tables.mark(one.getKey(), wanted.transparent());
        tables.write(one.getKey(), Rules.install(wanted, one.getKey(), one.getValue()));
      }
    } catch (IOException e) {
      for (Map.Entry<Family, Installed> one : done.entrySet()) {
        Installed now = tables.read(one.getKey());
        tables.write(one.getKey(), Rules.restore(one.getValue(), now));
        tables.mark(one.getKey(), one.getValue().marked());
      }
      throw e;
    }
  }

  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Takes away what install wrote, and nothing else.")
  int remove(
      @Mixin Families families,
      @Option(names = "--dry-run", description = "Prints what would be done, and does nothing.")
          boolean dryRun)
      throws IOException {
    if (dryRun) {
      for (Family family : families.families()) {
        Installed present = tables.read(family);
        told(family, present.nothing() ? "nothing is installed\n" : Rules.remove(present));
        told(present.marked() ? MarkedRoute.told(family, "del") + "\n" : "");
      }
      return 0;
    }
    Turn.take(() -> remove(families.families()));
    return 0;
  }

  private void remove(List<Family> families) throws IOException {
    for (Family family : families) {
      Installed present = tables.read(family);
      if (!present.nothing()) {
        tables.write(family, Rules.remove(present));
        tables.mark(family, false);
      }
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "Prints the rules that are there; install --dry-run prints those that would be.")
  int show(@Mixin Families families) throws IOException {
    for (Family family : families.families()) {
      Installed present = tables.read(family);
      String lines = String.join("\n", present.lines(family).toList());
      told(family, present.nothing() ? "nothing is installed\n" : lines + "\n");
    }
    return 0;
  }

  private void told(Family family, String text) {
    told("# " + family.tool() + "\n" + text);
  }

  private void told(String text) {
    out().print(text);
    out().flush();
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }
}
