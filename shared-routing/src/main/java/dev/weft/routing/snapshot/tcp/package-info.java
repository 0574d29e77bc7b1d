/**
 * Where connections go that are not HTTP, in the snapshot. Floor 6; open {@link
 * dev.weft.routing.snapshot.tcp.ConnectionRouting} first.
 */
@NullMarked
package dev.weft.routing.snapshot.tcp;

import org.jspecify.annotations.NullMarked;
