/**
 * Rules for connections that are not HTTP. Floor 2; open {@link
 * dev.weft.routing.route.tcp.ConnectionTable} first.
 */
@NullMarked
package dev.weft.routing.route.tcp;

import org.jspecify.annotations.NullMarked;
