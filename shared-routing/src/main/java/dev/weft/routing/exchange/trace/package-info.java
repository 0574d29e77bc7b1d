/**
 * Which trace an exchange belongs to, and how that is told in headers. Floor 1. Open {@link
 * dev.weft.routing.exchange.trace.TraceContext} first.
 */
package dev.weft.routing.exchange.trace;
