/**
 * Connections that are not HTTP, inside mTLS between proxies. Floor 4; open {@link
 * dev.weft.routing.transport.tcp.Frames} first.
 */
@NullMarked
package dev.weft.routing.transport.tcp;

import org.jspecify.annotations.NullMarked;
