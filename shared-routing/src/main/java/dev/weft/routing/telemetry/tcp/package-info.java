/**
 * What is counted of connections that are not HTTP. Floor 2; open {@link
 * dev.weft.routing.telemetry.tcp.TcpSignals} first.
 */
@NullMarked
package dev.weft.routing.telemetry.tcp;

import org.jspecify.annotations.NullMarked;
