/**
 * One connection of HTTP/2: what Netty leaves unbounded. Floor 7. Open {@link
 * dev.weft.routing.listener.http2.HeaderBlocks} first.
 */
@NullMarked
package dev.weft.routing.listener.http2;

import org.jspecify.annotations.NullMarked;
