/**
 * Who may come in at a place. Floor 6; open {@link dev.weft.routing.snapshot.guard.Guard} first.
 */
package dev.weft.routing.snapshot.guard;
