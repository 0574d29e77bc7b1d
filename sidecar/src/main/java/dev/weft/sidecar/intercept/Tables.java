package dev.weft.sidecar.intercept;

import java.io.IOException;
import java.util.List;

/** What the kernel has of ours, by the machine's own {@code iptables} and {@code ip}. */
final class Tables {

  private static final String WAIT_SECONDS = "10"; // while another program changes the tables

  /** What of ours is there. */
  Installed read(Family family) throws IOException {
    return new Installed(read(family, Table.NAT), mangle(family), MarkedRoute.present(family));
  }

  /**
   * A kernel without that table has nothing of ours in it; who wants it there is told by a test.
   */
  private static Present mangle(Family family) {
    try {
      return read(family, Table.MANGLE);
    } catch (IOException e) {
      return Present.NOTHING;
    }
  }

  private static Present read(Family family, Table table) throws IOException {
    List<String> command = List.of(family.tool() + "-save", "-t", table.text());
    return Present.of(table, Tool.run(command, "", Rules.PREFIX).stream());
  }

  /** Does all that {@code rules} say, a table at a time, or nothing of a table. */
  void write(Family family, String rules) throws IOException {
    Tool.run(List.of(family.tool() + "-restore", "--noflush", "-w", WAIT_SECONDS), rules, "");
  }

  /** Fails where {@link #write} would. */
  void test(Family family, String rules) throws IOException {
    Tool.run(
        List.of(family.tool() + "-restore", "--noflush", "--test", "-w", WAIT_SECONDS), rules, "");
  }

  /** Whether packets with the sidecar's mark stay on this machine. */
  void mark(Family family, boolean wanted) throws IOException {
    boolean present = MarkedRoute.present(family);
    if (wanted && !present) {
      MarkedRoute.add(family);
    } else if (!wanted && present) {
      MarkedRoute.remove(family);
    }
  }
}
