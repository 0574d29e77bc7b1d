/** TLS of a gateway's ports. Open {@link dev.weft.routing.verticle.edge.GatewayServerTls} first. */
@NullMarked
package dev.weft.routing.verticle.edge;

import org.jspecify.annotations.NullMarked;
