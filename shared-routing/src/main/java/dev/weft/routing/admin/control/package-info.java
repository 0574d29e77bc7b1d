/**
 * The admin port that the control plane reaches. Floor 7; open {@link
 * dev.weft.routing.admin.control.ControlAdmin} first.
 */
@NullMarked
package dev.weft.routing.admin.control;

import org.jspecify.annotations.NullMarked;
