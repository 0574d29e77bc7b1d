/**
 * One request and its response on the way, and what acts on them: stages over a service. Floor 1.
 * Open {@link dev.weft.routing.exchange.Exchange} first.
 *
 * <p>An exchange belongs to one event loop from its first byte to its last; nothing here is safe to
 * touch from another thread unless it says so.
 */
package dev.weft.routing.exchange;
