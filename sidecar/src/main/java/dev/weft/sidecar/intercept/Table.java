package dev.weft.sidecar.intercept;

import java.util.List;
import java.util.Locale;

/** A table of the kernel's, with the two chains in it that are ours. */
enum Table {
  NAT(Rules.PREFIX + "INBOUND", Rules.PREFIX + "OUTBOUND"),
  MANGLE(Rules.PREFIX + "TPROXY", Rules.PREFIX + "DELIVERED");

  private final String arriving;
  private final String leaving;

  Table(String arriving, String leaving) {
    this.arriving = arriving;
    this.leaving = leaving;
  }

  /** As the commands call it. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The chain of what comes in, then that of what goes out. */
  List<String> chains() {
    return List.of(arriving, leaving);
  }
}
