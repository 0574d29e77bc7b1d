package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import java.net.InetSocketAddress;

/** Where a connection is carried that is not HTTP. */
public sealed interface Way {

  /** Says it of each connection, by where it was going. Event loops ask. */
  interface Ways {
    /**
     * @param caller who opened it, {@code meaning} where it was going
     */
    Way of(Caller caller, InetSocketAddress meant);
  }

  /**
   * To the address that its caller meant, in plaintext.
   *
   * @param cluster as which it counts
   * @param from the address that it comes from
   */
  record Direct(ClusterName cluster, From from) implements Way {}

  /** Where a connection comes from, for who takes it. */
  enum From {
    /** Any address of this machine. */
    ANY,
    /** The address of this machine that the rules leave alone: {@code Delivery}. */
    PROXY,
    /** The address of the caller. */
    CALLER
  }

  /**
   * To an endpoint of a service, secured as that endpoint is.
   *
   * @param exact whether to the one at the address that its caller meant, and to no other
   */
  record Service(Upstream upstream, boolean exact) implements Way {}

  /**
   * Nowhere: its caller may not.
   *
   * @param by who says so, for the log
   */
  record Denied(String by) implements Way {}

  /** Nowhere: nothing is known of where it was going. */
  record Nowhere() implements Way {}
}
