/**
 * The only place that reads the time or waits for it. Floor 1. Open {@link
 * dev.weft.routing.clock.Ticker} first.
 */
package dev.weft.routing.clock;
