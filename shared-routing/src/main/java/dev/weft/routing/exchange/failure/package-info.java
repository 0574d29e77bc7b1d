/**
 * What went wrong, in words that a user reads. Floor 1; open {@link
 * dev.weft.routing.exchange.failure.NetworkWords} first.
 */
@NullMarked
package dev.weft.routing.exchange.failure;

import org.jspecify.annotations.NullMarked;
