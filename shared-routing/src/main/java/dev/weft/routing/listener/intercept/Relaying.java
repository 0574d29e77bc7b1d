package dev.weft.routing.listener.intercept;

import dev.weft.routing.listener.intercept.socket.Mark;
import dev.weft.routing.resilience.OwnConnections;
import java.util.Optional;

/**
 * What carrying the connections of a listener takes.
 *
 * @param ways where they go
 * @param opened connections of these relays, of all event loops
 * @param mark of those
 */
public record Relaying(
    Way.Ways ways, OwnConnections opened, Carriage carriage, Optional<Mark> mark) {}
