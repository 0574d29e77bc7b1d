/**
 * The command lines of gateway and sidecar. Both are read without picocli, which holds 3 MiB for as
 * long as the process lives; commands that end soon have it. Floor 9. Open {@link
 * dev.weft.routing.process.flags.Flag} first.
 */
package dev.weft.routing.process.flags;
