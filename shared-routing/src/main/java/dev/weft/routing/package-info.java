/**
 * The engine: listeners, stages, route table, upstreams, verticles. Packages stand on floors; each
 * uses only those below its own (from the top):
 *
 * <ol start="1">
 *   <li>{@code exchange}, {@code clock}
 *   <li>{@code route}, {@code resilience}, {@code identity}, {@code telemetry}
 *   <li>{@code cluster}
 *   <li>{@code transport}, {@code discovery}
 *   <li>{@code stage}
 *   <li>{@code snapshot}
 *   <li>{@code listener}, {@code admin}
 *   <li>{@code verticle}
 *   <li>{@code process}
 * </ol>
 */
package dev.weft.routing;
