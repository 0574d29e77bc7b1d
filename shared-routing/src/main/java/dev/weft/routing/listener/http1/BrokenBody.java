package dev.weft.routing.listener.http1;

import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;

/** Hears of a request's body that turns out to be none. One connection's and event loop's own. */
public interface BrokenBody {

  /**
   * The body of the newest request cannot be read on, nor anything behind it.
   *
   * @param heads how many requests' heads were read, this one's among them
   * @return whether that request is under way, and is answered for it; where it still waits for its
   *     turn the connection can only be cut
   */
  boolean broken(int heads, String why);

  /** Who hears of those of a connection. */
  static Attribute<BrokenBody> of(Channel connection) {
    return connection.attr(Key.VALUE);
  }

  /** Under which it is kept. */
  final class Key {
    private static final AttributeKey<BrokenBody> VALUE = AttributeKey.valueOf("weft.brokenBody");

    private Key() {}
  }
}
