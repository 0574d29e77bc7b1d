/**
 * The connections that a listener has open. Open {@link
 * dev.weft.routing.listener.connection.OpenConnections} first.
 */
@NullMarked
package dev.weft.routing.listener.connection;

import org.jspecify.annotations.NullMarked;
