/**
 * Gatling simulations over the wire: mixed traffic at the edge, a canary whose weights are edited
 * while requests run, a backend that dies and returns. They start a mesh of their own, or take the
 * address of a running one. Open {@link dev.weft.load.EdgeSimulation} first.
 */
@NullMarked
package dev.weft.load;

import org.jspecify.annotations.NullMarked;
