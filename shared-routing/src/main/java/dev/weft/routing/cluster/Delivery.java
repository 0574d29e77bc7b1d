package dev.weft.routing.cluster;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Where a sidecar's connections to its own application come from: the rules leave these alone. */
public final class Delivery {

  private static final String V4 = "127.0.0.6";
  private static final String V6 = "::1";

  private Delivery() {}

  /** Whether it is one of these, and not that of a caller. */
  public static boolean own(String address) {
    return address.equals(V4) || address.equals(V6);
  }

  /** An address of this machine for a connection to {@code application}. */
  public static String from(InetAddress application) {
    return application instanceof Inet6Address ? V6 : V4;
  }
}
