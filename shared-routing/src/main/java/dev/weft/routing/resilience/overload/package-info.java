/**
 * How many requests may be under way at once: limits that shed what would only wait. Floor 2. Open
 * {@link dev.weft.routing.resilience.overload.AdaptiveLimit} first.
 */
@NullMarked
package dev.weft.routing.resilience.overload;

import org.jspecify.annotations.NullMarked;
