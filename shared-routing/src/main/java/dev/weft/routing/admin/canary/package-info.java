/**
 * Rules that divide their requests by weight: what their shares get, and other weights for them.
 * Floor 7. Open {@link dev.weft.routing.admin.canary.CanaryPages} first.
 */
@NullMarked
package dev.weft.routing.admin.canary;

import org.jspecify.annotations.NullMarked;
