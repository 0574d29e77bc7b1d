/**
 * Answers that tell why their requests went where they went. Floor 6; open {@link
 * dev.weft.routing.snapshot.explain.Explaining} first.
 */
package dev.weft.routing.snapshot.explain;
