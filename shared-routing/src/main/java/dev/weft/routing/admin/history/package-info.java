/**
 * Versions of a configuration that served, and changes that somebody asked for: who, what, and
 * whether it was written. For an admin port, of a proxy as of a control plane. Floor 7. Open {@link
 * dev.weft.routing.admin.history.Rollback} first.
 */
@NullMarked
package dev.weft.routing.admin.history;

import org.jspecify.annotations.NullMarked;
