/**
 * What the kernel is asked for on sockets of a proxy whose workload's connections are redirected.
 * Floor 7; open {@link dev.weft.routing.listener.intercept.socket.InterceptingTransport} first.
 */
@NullMarked
package dev.weft.routing.listener.intercept.socket;

import org.jspecify.annotations.NullMarked;
