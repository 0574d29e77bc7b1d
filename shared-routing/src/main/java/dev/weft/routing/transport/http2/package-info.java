/**
 * How a connection of HTTP/2 is written to, on either side, and what it says of streams. Open
 * {@link dev.weft.routing.transport.http2.TogetherWritten} first.
 */
@NullMarked
package dev.weft.routing.transport.http2;

import org.jspecify.annotations.NullMarked;
