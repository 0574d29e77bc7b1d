package dev.weft.routing.snapshot;

import dev.weft.config.model.Sidecar.Unknown;
import dev.weft.routing.cluster.ApplicationPorts;
import dev.weft.routing.cluster.Delivery;
import dev.weft.routing.cluster.UpstreamTls.Plaintext;
import dev.weft.routing.exchange.Caller;
import java.net.InetAddress;
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
 * @param intercepts what is done where connections are redirected here; empty where none are
 */
public record Plan(
    Map<Integer, Application> inbound,
    boolean mesh,
    boolean gateway,
    Optional<Intercepts> intercepts) {

  public Plan {
    inbound = Map.copyOf(inbound);
  }

  /** Without interception. */
  public Plan(Map<Integer, Application> inbound, boolean mesh, boolean gateway) {
    this(inbound, mesh, gateway, Optional.empty());
  }

  /** What it takes to carry connections that are not HTTP, where such may come. */
  public <T> Optional<T> carried(Supplier<T> made) {
    return gateway || intercepts.isPresent() ? Optional.of(made.get()) : Optional.empty();
  }

  /**
   * What is done with connections that are redirected here.
   *
   * @param unknown what becomes of those to where nothing is known, unless a Sidecar resource says
   *     else
   * @param ports of the own application
   */
  public record Intercepts(Unknown unknown, Sockets sockets, ApplicationPorts ports) {

    /** How a connection to the own application is opened, for a caller. */
    Plaintext delivery(InetAddress to, Caller caller) {
      boolean transparent = sockets.transparent.isPresent();
      return new Plaintext(
          Optional.of(transparent ? caller.address() : Delivery.from(to)), Optional.of(ports));
    }
  }

  /** A port that this process opened for itself. */
  public void own(int port) {
    intercepts.ifPresent(how -> how.ports.own(port));
  }

  /** What the kernel is asked for. */
  public Sockets sockets() {
    return intercepts.map(Intercepts::sockets).orElse(Sockets.USUAL);
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
