/**
 * Those whom traces are told to, for tests. Open {@link dev.weft.testkit.trace.OtlpReceiver} first.
 */
package dev.weft.testkit.trace;
