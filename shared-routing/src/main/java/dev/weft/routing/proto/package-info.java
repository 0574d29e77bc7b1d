/**
 * Messages of Protocol Buffers by hand: the smallest of jars has no library for the two that a
 * proxy speaks. Floor 1. Open {@link dev.weft.routing.proto.ProtoWriter} first.
 */
package dev.weft.routing.proto;
