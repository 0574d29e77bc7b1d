package dev.weft.sidecar.intercept;

import java.util.stream.Stream;

/**
 * What of ours is there for a family.
 *
 * @param marked whether packets to the application's callers are kept on this machine
 */
record Installed(Present nat, Present mangle, boolean marked) {

  static final Installed NOTHING = new Installed(Present.NOTHING, Present.NOTHING, false);

  boolean nothing() {
    return nat.nothing() && mangle.nothing() && !marked;
  }

  /** As the tools print it. */
  Stream<String> lines(Family family) {
    Stream<String> route = marked ? MarkedRoute.told(family, "add").lines() : Stream.empty();
    return Stream.concat(Stream.concat(nat.lines(), mangle.lines()), route);
  }
}
