/** The control plane. Open {@link dev.weft.control.Main} first. */
package dev.weft.control;
