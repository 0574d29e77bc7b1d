/**
 * Lines of the access log for what was refused before there was an exchange. Floor 2. Open {@link
 * dev.weft.routing.telemetry.refusal.RefusalLog} first.
 */
package dev.weft.routing.telemetry.refusal;
