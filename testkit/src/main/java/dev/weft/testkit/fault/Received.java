package dev.weft.testkit.fault;

import java.util.Optional;

/**
 * A request whose head reached a server.
 *
 * @param id of the header {@link Ledger#ID}; empty where there is none
 */
public record Received(String method, String path, Optional<String> id) {}
