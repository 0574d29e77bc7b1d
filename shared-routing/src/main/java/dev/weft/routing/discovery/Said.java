package dev.weft.routing.discovery;

import dev.weft.config.model.settings.Settings;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a configuration says of a workload whatever the endpoints are.
 *
 * @param namespaces in which the ServiceEntry of a host stands; empty for a host that none has
 *     which is seen from here
 */
public record Said(Settings settings, Function<String, Optional<String>> namespaces) {}
