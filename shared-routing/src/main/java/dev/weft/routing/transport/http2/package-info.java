/**
 * How a connection of HTTP/2 is written to, on either side. Open {@link
 * dev.weft.routing.transport.http2.TogetherWritten} first.
 */
@NullMarked
package dev.weft.routing.transport.http2;

import org.jspecify.annotations.NullMarked;
