/**
 * How a line of the access log is written: the formats and filters of a snapshot, compiled, and
 * what of a request they take along. Floor 2; knows neither the log nor its entries. Open {@link
 * dev.weft.routing.telemetry.line.LineRules} first.
 */
package dev.weft.routing.telemetry.line;
