/**
 * Connections as such: those that are not HTTP, inside mTLS between proxies, and what the kernel
 * holds of any. Floor 4; open {@link dev.weft.routing.transport.tcp.Frames} first.
 */
@NullMarked
package dev.weft.routing.transport.tcp;

import org.jspecify.annotations.NullMarked;
