/**
 * What the first bytes of a connection tell, while they are held. Floor 7; open {@link
 * dev.weft.routing.listener.detect.HeldBytes} first.
 */
@NullMarked
package dev.weft.routing.listener.detect;

import org.jspecify.annotations.NullMarked;
