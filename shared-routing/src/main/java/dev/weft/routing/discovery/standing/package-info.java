/**
 * What a proxy tells the control plane of itself. Floor 4. Open {@link
 * dev.weft.routing.discovery.standing.Standing} first.
 */
@NullMarked
package dev.weft.routing.discovery.standing;

import org.jspecify.annotations.NullMarked;
