package dev.weft.sidecar.intercept;

import dev.weft.routing.listener.intercept.socket.Mark;
import java.io.IOException;
import java.util.List;

/**
 * Where packets with the sidecar's mark go: nowhere but here. The application answers its caller's
 * address, and the connection of which it is an answer is the sidecar's.
 *
 * <p>Source: ip-rule(8), ip-route(8); the kernel's {@code Documentation/networking/tproxy.rst}.
 */
final class MarkedRoute {

  /** Of the sidecar's connections to the application. */
  static final String MARK = Mark.DELIVERED.toString();

  private static final String TABLE = "133";

  private MarkedRoute() {}

  /** The commands, for people. */
  static String told(Family family, String what) {
    return String.join(" ", rule(family, what)) + "\n" + String.join(" ", route(family, what));
  }

  /** Not where there is no such command, or no such family. */
  static boolean present(Family family) {
    try {
      return Tool.run(List.of("ip", family.ip(), "rule", "show"), "", "fwmark " + MARK).stream()
          .anyMatch(line -> line.contains("lookup " + TABLE));
    } catch (IOException e) {
      return false;
    }
  }

  /** To be done where it is not {@link #present} only. */
  static void add(Family family) throws IOException {
    Tool.run(route(family, "replace"), "", "");
    Tool.run(rule(family, "add"), "", "");
  }

  /** To be done where it is {@link #present} only. */
  static void remove(Family family) throws IOException {
    Tool.run(rule(family, "del"), "", "");
    Tool.run(route(family, "del"), "", "");
  }

  private static List<String> rule(Family family, String what) {
    return List.of("ip", family.ip(), "rule", what, "fwmark", MARK, "lookup", TABLE);
  }

  private static List<String> route(Family family, String what) {
    return List.of(
        "ip", family.ip(), "route", what, "local", "default", "dev", "lo", "table", TABLE);
  }
}
