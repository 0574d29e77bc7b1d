/**
 * What the processes have in common: flags, start, signals, exit codes. Floor 9. Open {@link
 * dev.weft.routing.process.ProxyOptions} first.
 */
package dev.weft.routing.process;
