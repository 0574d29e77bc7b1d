/**
 * Connections that the kernel handed over, which their callers meant for somebody else. Floor 7;
 * open {@link dev.weft.routing.listener.intercept.OriginalDestination} first.
 */
@NullMarked
package dev.weft.routing.listener.intercept;

import org.jspecify.annotations.NullMarked;
