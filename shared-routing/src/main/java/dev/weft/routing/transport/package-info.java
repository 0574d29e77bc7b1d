/**
 * Upstream connections: pools per event loop and endpoint, one attempt over one of them, tunnels.
 * Floor 4. Open {@link dev.weft.routing.transport.UpstreamClient} first.
 */
package dev.weft.routing.transport;
