/**
 * How Telemetry has metrics told otherwise than they are counted: labels that are left out, changed
 * or added, and metrics that are not told. Floor 2; knows neither counters nor Prometheus' library.
 * Open {@link dev.weft.routing.telemetry.tag.TagRules} first.
 */
package dev.weft.routing.telemetry.tag;
