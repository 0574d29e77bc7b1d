/**
 * Messages of Protocol Buffers by hand: the smallest of jars has no library for the few that are
 * not OpenTelemetry's to write. Floor 1. Open {@link dev.weft.routing.proto.ProtoWriter} first.
 */
package dev.weft.routing.proto;
