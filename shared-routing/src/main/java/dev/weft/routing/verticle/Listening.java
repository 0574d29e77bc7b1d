package dev.weft.routing.verticle;

import dev.weft.routing.exchange.Service;
import dev.weft.routing.listener.ListenerSettings;
import dev.weft.routing.listener.ServerTls;

/**
 * A port to be open.
 *
 * @param name what a message calls it, e.g. {@code inbound}
 */
public record Listening(String name, ListenerSettings settings, ServerTls tls, Service service) {}
