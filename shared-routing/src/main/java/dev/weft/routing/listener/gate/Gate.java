package dev.weft.routing.listener.gate;

import dev.weft.routing.listener.intercept.Relaying;
import java.util.Optional;

/** What a gateway's port does with connections that are not HTTP, asked at each of them. */
public record Gate(Port port, Relaying relaying) {

  /** The servers of the port, as they are now. */
  public interface Port {

    /** Whether every connection is carried, whatever it speaks. */
    boolean opaque();

    /** Whether some TLS is carried as it is. */
    boolean passes();

    /**
     * Whether TLS is carried as it is.
     *
     * @param serverName of the handshake; empty text where it asks for none
     */
    boolean passes(String serverName);
  }

  /** The port, where not all of its connections are HTTP as far as this proxy sees. */
  public Optional<Port> passing() {
    return port.opaque() || port.passes() ? Optional.of(port) : Optional.empty();
  }
}
