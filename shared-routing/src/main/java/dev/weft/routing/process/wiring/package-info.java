/**
 * What a process is put together from. Floor 9; open {@link
 * dev.weft.routing.process.wiring.ProxyVertx} first.
 */
@NullMarked
package dev.weft.routing.process.wiring;

import org.jspecify.annotations.NullMarked;
