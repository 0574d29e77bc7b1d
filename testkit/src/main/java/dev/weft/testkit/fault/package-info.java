/**
 * A server that misbehaves as it is told to, and remembers what reached it. Open {@link
 * dev.weft.testkit.fault.FaultBackend} first, then {@link dev.weft.testkit.fault.Fault} for what it
 * can do.
 */
package dev.weft.testkit.fault;
