/** Reads Telemetry. Open {@link dev.weft.config.istio.telemetry.Telemetries} first. */
package dev.weft.config.istio.telemetry;
