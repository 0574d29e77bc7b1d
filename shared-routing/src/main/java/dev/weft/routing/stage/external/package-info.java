/**
 * Asks external authorizers over HTTP and gRPC. Floor 5, with the stages. Open {@link
 * dev.weft.routing.stage.external.ExternalAuthorization} first.
 */
@NullMarked
package dev.weft.routing.stage.external;

import org.jspecify.annotations.NullMarked;
