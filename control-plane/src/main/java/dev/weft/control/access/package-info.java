/**
 * The port by which people reach the dashboard from elsewhere, and who is let in. Open {@link
 * dev.weft.control.access.AccessPort} first.
 */
@NullMarked
package dev.weft.control.access;

import org.jspecify.annotations.NullMarked;
