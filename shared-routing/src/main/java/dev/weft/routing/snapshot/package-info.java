/**
 * What serves: tables and chains of stages, compiled from a checked configuration and published by
 * one volatile write. Floor 6. Open {@link dev.weft.routing.snapshot.Snapshot} first.
 */
package dev.weft.routing.snapshot;
