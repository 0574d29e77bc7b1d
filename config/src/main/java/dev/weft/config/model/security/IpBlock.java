package dev.weft.config.model.security;

import java.util.Optional;

/**
 * Addresses that begin alike: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address. IPv4 is
 * kept as IPv6 writes it ({@code ::ffff:0:0/96}), so that both spellings of an address are one.
 *
 * <p>Source: RFC 4632 section 3.1, RFC 4291 sections 2.2 and 2.3.
 *
 * @param high the first 64 bits
 * @param low the last 64 bits
 * @param bits how many of the 128 count
 */
public record IpBlock(long high, long low, int bits) {

  private static final int ALL = 128;
  private static final int HALF = 64;
  private static final int BEFORE_IPV4 = 96;
  private static final long MAPPED = 0xffffL << 32;
  private static final int GROUPS = 8;

  /** Empty where the text is neither an address nor a block; a zone ({@code %eth0}) is left out. */
  public static Optional<IpBlock> parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    boolean six = address.indexOf(':') >= 0;
    int zone = six ? address.indexOf('%') : -1;
    long[] halves = new long[2];
    String bare = zone < 0 ? address : address.substring(0, zone);
    if (!(six ? six(bare, halves) : four(bare, halves))) {
      return Optional.empty();
    }
    int most = six ? ALL : ALL - BEFORE_IPV4;
    int bits = slash < 0 ? most : number(text, slash + 1, text.length(), most);
    return bits < 0
        ? Optional.empty()
        : Optional.of(new IpBlock(halves[0], halves[1], six ? bits : bits + BEFORE_IPV4));
  }

  /** Whether it has all addresses of {@code other}; a block of IPv6 has none of IPv4. */
  public boolean contains(IpBlock other) {
    return other.bits >= bits
        && (bits >= BEFORE_IPV4 || !other.four())
        && ((high ^ other.high) & mask(bits)) == 0
        && ((low ^ other.low) & mask(bits - HALF)) == 0;
  }

  /** The first 64 bits of its first address. */
  public long firstHigh() {
    return high & mask(bits);
  }

  /** The last 64 bits of its first address. */
  public long firstLow() {
    return low & mask(bits - HALF);
  }

  /** Whether it is of IPv4, in either spelling. */
  public boolean four() {
    return bits >= BEFORE_IPV4 && high == 0 && low >>> 32 == MAPPED >>> 32;
  }

  private static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= HALF ? -1 : -1L << (HALF - bits);
  }

  private static boolean four(String text, long[] halves) {
    long value = 0;
    int from = 0;
    for (int part = 0; part < 4; part++) {
      int dot = text.indexOf('.', from);
      int end = part == 3 ? text.length() : dot;
      int number = end < 0 ? -1 : number(text, from, end, 255);
      if (number < 0) {
        return false;
      }
      value = (value << 8) | number;
      from = end + 1;
    }
    halves[1] = MAPPED | value;
    return true;
  }

  private static boolean six(String text, long[] halves) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      return groups(text, 0, halves, true) == GROUPS;
    }
    String before = text.substring(0, gap);
    String after = text.substring(gap + 2);
    int first = before.isEmpty() ? 0 : groups(before, 0, halves, false);
    long[] rest = new long[2];
    int last = after.isEmpty() ? 0 : groups(after, 0, rest, true);
    if (first < 0 || last < 0 || first + last >= GROUPS) {
      return false;
    }
    return last == 0 || groups(after, GROUPS - last, halves, true) == GROUPS;
  }

  /** Puts groups in from position {@code at}; tells the position behind them, or -1. */
  private static int groups(String text, int at, long[] halves, boolean end) {
    int position = at;
    for (String group : text.split(":", -1)) {
      boolean dotted = group.indexOf('.') >= 0;
      if (position + (dotted ? 2 : 1) > GROUPS) {
        return -1;
      }
      long[] four = new long[2];
      if (dotted && end && text.endsWith(group) && four(group, four)) {
        put(halves, position++, (four[1] >>> 16) & 0xffff);
        put(halves, position++, four[1] & 0xffff);
      } else if (group.matches("[0-9a-fA-F]{1,4}")) {
        put(halves, position++, Long.parseLong(group, 16));
      } else {
        return -1;
      }
    }
    return position;
  }

  private static void put(long[] halves, int position, long group) {
    halves[position / 4] |= group << (48 - 16 * (position % 4));
  }

  /**
   * -1 where it is none, or more than {@code most}; no zeros in front, which some read as octal.
   */
  private static int number(String text, int from, int end, int most) {
    int length = end - from;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = from; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value <= most ? value : -1;
  }
}
