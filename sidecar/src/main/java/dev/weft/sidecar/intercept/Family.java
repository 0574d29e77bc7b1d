package dev.weft.sidecar.intercept;

/** A version of IP: each has tables and commands of its own. */
enum Family {
  IPV4("iptables", "-4", "127.0.0.0/8", "127.0.0.6/32"),
  IPV6("ip6tables", "-6", "::1/128", "::1/128");

  private final String tool;
  private final String ip;
  private final String loopback;
  private final String delivery;

  Family(String tool, String ip, String loopback, String delivery) {
    this.tool = tool;
    this.ip = ip;
    this.loopback = loopback;
    this.delivery = delivery;
  }

  /** What its commands' names begin with. */
  String tool() {
    return tool;
  }

  /** Its flag of {@code ip}. */
  String ip() {
    return ip;
  }

  String loopback() {
    return loopback;
  }

  /** Where the sidecar's connections to its own application come from. */
  String delivery() {
    return delivery;
  }
}
