package dev.weft.kubernetes.cluster;

import java.time.Instant;
import java.util.Optional;

/**
 * The API server's own word.
 *
 * @param version e.g. {@code v1.36.1}
 * @param date its clock as it answered, to the second; empty where it told none
 */
public record ServerInfo(String version, Optional<Instant> date) {}
