/**
 * The step that gives a request its place in a trace. Floor 5. Open {@link
 * dev.weft.routing.stage.trace.TraceStage} first.
 */
package dev.weft.routing.stage.trace;
