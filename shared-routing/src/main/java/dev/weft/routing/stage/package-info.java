/**
 * The steps of an exchange, one class each. Floor 5. Their order and its reasons stand in {@code
 * snapshot.StageOrder}. Open {@link dev.weft.routing.stage.UpstreamService} for where they lead.
 */
package dev.weft.routing.stage;
