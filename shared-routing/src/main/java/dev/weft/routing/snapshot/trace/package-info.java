/**
 * What a snapshot's requests are traced by. Floor 6. Open {@link
 * dev.weft.routing.snapshot.trace.Tracings} first.
 */
package dev.weft.routing.snapshot.trace;
