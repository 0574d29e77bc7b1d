/**
 * How a connection of HTTP/1 to an endpoint comes to its end. Floor 4; open {@link
 * dev.weft.routing.transport.http1.LastReading} first.
 */
@NullMarked
package dev.weft.routing.transport.http1;

import org.jspecify.annotations.NullMarked;
