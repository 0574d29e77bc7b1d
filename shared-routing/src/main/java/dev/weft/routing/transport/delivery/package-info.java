/**
 * Connections to the own application. Floor 4; open {@link
 * dev.weft.routing.transport.delivery.Delivering} first.
 */
@NullMarked
package dev.weft.routing.transport.delivery;

import org.jspecify.annotations.NullMarked;
