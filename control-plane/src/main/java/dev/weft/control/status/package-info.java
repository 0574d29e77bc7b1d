/**
 * Tells on ConfigMaps what became of them. Open {@link dev.weft.control.status.StatusWriter} first.
 */
package dev.weft.control.status;
