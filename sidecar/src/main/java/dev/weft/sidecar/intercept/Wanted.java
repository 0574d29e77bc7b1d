package dev.weft.sidecar.intercept;

import dev.weft.routing.listener.intercept.socket.Mark;
import java.util.List;

/**
 * Which connections a sidecar shall get.
 *
 * @param outboundPort of the sidecar, for connections that the workload opens
 * @param inboundPort of the sidecar, for those that are opened to the workload
 * @param proxy whose connections are the sidecar's own
 * @param exceptInbound ports that are reached without the sidecar
 * @param exceptOutbound ports of others, likewise
 * @param exceptNetworks of others, likewise
 * @param exceptOwners whose connections are left alone
 * @param transparent whether what arrives is handed over as it is (TPROXY), so that the application
 *     can be reached from its caller's address
 */
record Wanted(
    int outboundPort,
    int inboundPort,
    Owner proxy,
    List<Ports> exceptInbound,
    List<Ports> exceptOutbound,
    List<Network> exceptNetworks,
    List<Owner> exceptOwners,
    boolean transparent) {

  Wanted {
    exceptInbound = List.copyOf(exceptInbound);
    exceptOutbound = List.copyOf(exceptOutbound);
    exceptNetworks = List.copyOf(exceptNetworks);
    exceptOwners = List.copyOf(exceptOwners);
  }

  /** A port, or all from one to another. */
  record Ports(int first, int last) {
    String match() {
      return first == last ? Integer.toString(first) : first + ":" + last;
    }
  }

  /**
   * Addresses of one family.
   *
   * @param text {@code ADDRESS/BITS}
   */
  record Network(Family family, String text) {}

  /** Whose connection it is, as the kernel knows it. */
  record Owner(String match) {
    static Owner uid(long id) {
      return new Owner("-m owner --uid-owner " + id);
    }

    static Owner gid(long id) {
      return new Owner("-m owner --gid-owner " + id);
    }

    static Owner mark(Mark mark) {
      return new Owner("-m mark --mark " + mark);
    }
  }
}
