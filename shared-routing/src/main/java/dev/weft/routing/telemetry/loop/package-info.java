/**
 * How late event loops are. Floor 2; open {@link dev.weft.routing.telemetry.loop.LoopDelay} first.
 */
@NullMarked
package dev.weft.routing.telemetry.loop;

import org.jspecify.annotations.NullMarked;
