/**
 * Connections to a gateway that are not HTTP as far as it sees. Floor 7; open {@link
 * dev.weft.routing.listener.gate.Gate} first.
 */
@NullMarked
package dev.weft.routing.listener.gate;

import org.jspecify.annotations.NullMarked;
