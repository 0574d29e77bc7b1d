package dev.weft.routing.snapshot;

import dev.weft.config.model.Sidecar.Unknown;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Which places a process serves, fixed by its flags.
 *
 * @param inbound ports of the own application by the listening port in front of it: a sidecar's
 * @param mesh whether the rules of the mesh are served: a sidecar's outbound port, or a gateway's
 *     {@code --listen}
 * @param gateway whether Gateway resources that select this workload are served
 * @param intercepts where connections are redirected here, what becomes of those to where nothing
 *     is known, unless a Sidecar resource says else
 * @param sockets what the kernel is asked for
 */
public record Plan(
    Map<Integer, Application> inbound,
    boolean mesh,
    boolean gateway,
    Optional<Unknown> intercepts,
    Sockets sockets) {

  public Plan {
    inbound = Map.copyOf(inbound);
  }

  /** Without interception. */
  public Plan(Map<Integer, Application> inbound, boolean mesh, boolean gateway) {
    this(inbound, mesh, gateway, Optional.empty(), Sockets.USUAL);
  }

  /** What it takes to carry connections that are not HTTP, where such may come. */
  public <T> Optional<T> carried(Supplier<T> made) {
    return gateway || intercepts.isPresent() ? Optional.of(made.get()) : Optional.empty();
  }

  /** Whether the own application is reached from its callers' addresses. */
  boolean transparent() {
    return sockets.transparent.isPresent();
  }

  /**
   * What the kernel is asked for.
   *
   * @param transparent the port whose connections keep their addresses on their way here (TPROXY),
   *     so that the own application is reached from its callers' addresses; empty for none
   * @param mark by which the rules know connections that this process opens; empty for none
   */
  public record Sockets(OptionalInt transparent, OptionalInt mark) {

    /** Nothing. */
    public static final Sockets USUAL = new Sockets(OptionalInt.empty(), OptionalInt.empty());
  }

  /** Where the own application listens. */
  public record Application(String host, int port) {}

  /**
   * A port of a gateway and all servers on it.
   *
   * @param bind address; empty for all
   */
  public record Port(String bind, int number, PortServers servers) {}
}
