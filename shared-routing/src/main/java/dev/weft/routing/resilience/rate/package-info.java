/**
 * How many requests may pass: one limiter for each limit that settings ask for, outliving
 * snapshots. Floor 2. Open {@link dev.weft.routing.resilience.rate.RateLimiter} first.
 */
package dev.weft.routing.resilience.rate;
