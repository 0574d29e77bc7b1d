/**
 * What is told of requests beside metrics and logs: traces. Open {@link
 * dev.weft.config.model.telemetry.Telemetry} first.
 */
package dev.weft.config.model.telemetry;
