package dev.weft.routing.route.tcp;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What is known of a connection that is not HTTP before any of it goes on.
 *
 * @param meant where it was going: at a gateway, where it was accepted
 * @param serverName that its TLS handshake asks for, in lower case; empty where there is none
 */
public record ConnectionHead(InetSocketAddress meant, Optional<String> serverName) {}
