package dev.weft.routing.listener.intercept;

import dev.weft.routing.resilience.OwnConnections;

/**
 * What carrying the connections of a listener takes.
 *
 * @param ways where they go
 * @param opened connections of these relays, of all event loops
 */
public record Relaying(Way.Ways ways, OwnConnections opened, Carriage carriage) {}
