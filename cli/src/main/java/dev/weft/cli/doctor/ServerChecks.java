package dev.weft.cli.doctor;

import dev.weft.kubernetes.cluster.ServerInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The API server's version, and its clock beside this machine's. */
final class ServerChecks {

  private static final Pattern VERSION = Pattern.compile("v?(\\d+)\\.(\\d+).*");
  private static final int NATIVE_SIDECARS = 29; // of Kubernetes 1
  private static final Duration NOTED = Duration.ofSeconds(5);
  private static final Duration BAD = Duration.ofSeconds(60);

  private ServerChecks() {}

  /**
   * @param before this machine's clock as it asked
   * @param after as it was answered
   */
  static List<Finding> of(String server, ServerInfo info, Instant before, Instant after) {
    return List.of(version(server, info.version()), clock(info, before, after));
  }

  private static Finding version(String server, String version) {
    String text = server + " answers, Kubernetes " + version;
    Matcher numbers = VERSION.matcher(version);
    boolean old =
        numbers.matches()
            && numbers.group(1).equals("1")
            && Integer.parseInt(numbers.group(2)) < NATIVE_SIDECARS;
    return old
        ? Finding.warn(text, "it knows no native sidecars: --native-sidecar=false of weft control")
        : Finding.ok(text);
  }

  private static Finding clock(ServerInfo info, Instant before, Instant after) {
    if (info.date().isEmpty()) {
      return Finding.warn("the API server does not tell its time", "compare the clocks by hand");
    }
    Instant theirs = info.date().get();
    Duration off = Duration.ZERO;
    if (theirs.plusSeconds(1).isBefore(before)) { // it tells whole seconds
      off = Duration.between(theirs.plusSeconds(1), before);
    } else if (theirs.isAfter(after)) {
      off = Duration.between(after, theirs);
    }
    if (off.compareTo(NOTED) < 0) {
      return Finding.ok("its clock and this machine's agree");
    }
    String text = "its clock and this machine's differ by " + off.toSeconds() + " s";
    String hint = "certificates and tokens are for certain times: set the clocks (NTP)";
    return off.compareTo(BAD) < 0 ? Finding.warn(text, hint) : Finding.fail(text, hint);
  }
}
