package dev.weft.routing.listener.intercept;

import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.cluster.Upstream;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.route.tcp.ConnectionHead;
import java.util.Optional;

/** Where a connection is carried that is not HTTP. */
public sealed interface Way {

  /** Says it of each connection. Event loops ask. */
  interface Ways {
    /**
     * @param caller who opened it, {@code meaning} where it was going
     * @param seed 64 even bits, made for this connection
     */
    Way of(Caller caller, ConnectionHead head, long seed);
  }

  /**
   * To the address that its caller meant, in plaintext.
   *
   * @param cluster as which it counts
   * @param from the address that it comes from
   * @param ports of the own application, which may be on loopback instead; empty where it is not
   *     that
   */
  record Direct(ClusterName cluster, From from, Optional<ApplicationPorts> ports) implements Way {}

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
   * @param route name of the rule that says so; empty where none does
   * @param exact whether to the one at the address that its caller meant, and to no other
   * @param sealed whether its caller secured it for the endpoint itself, so that it goes on as it
   *     is
   */
  record Service(String route, Upstream upstream, boolean exact, boolean sealed) implements Way {

    /** What a refusal names. */
    String told() {
      return (route.isEmpty() ? "" : "route " + route + ": ") + upstream.name();
    }
  }

  /**
   * Nowhere: its caller may not.
   *
   * @param by who says so, for the log
   */
  record Denied(String by) implements Way {}

  /** Nowhere: nothing is known of where it was going, or no rule is for it. */
  record Nowhere(Refused.Why why) implements Way {}
}
