/**
 * For whom a caller asks, as far as a token proved it. Floor 1; open {@link
 * dev.weft.routing.exchange.token.Token} first.
 */
@NullMarked
package dev.weft.routing.exchange.token;

import org.jspecify.annotations.NullMarked;
