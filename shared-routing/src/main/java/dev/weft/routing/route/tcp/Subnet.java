package dev.weft.routing.route.tcp;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All addresses whose first bits are those of one.
 *
 * @param bits 0 to 32, or to 128 of an IPv6 address
 */
public record Subnet(InetAddress address, int bits) {

  /** An address, or {@code ADDRESS/BITS}; empty where it is neither. */
  public static Optional<Subnet> parse(String written) {
    int slash = written.indexOf('/');
    @Nullable InetAddress address =
        NetUtil.createInetAddressFromIpAddressString(
            slash < 0 ? written : written.substring(0, slash));
    if (address == null) {
      return Optional.empty();
    }
    int most = address.getAddress().length * Byte.SIZE;
    int bits = slash < 0 ? most : Math.min(Integer.parseInt(written.substring(slash + 1)), most);
    return Optional.of(new Subnet(address, bits));
  }

  /** Whether an address is among them. */
  public boolean has(InetAddress other) {
    byte[] own = address.getAddress();
    byte[] its = other.getAddress();
    if (its.length != own.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i & 7);
      if ((its[i >> 3] & mask) != (own[i >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }
}
