/**
 * What an operator asks a running proxy: the admin port, and the smaller ports for metrics and
 * health. Floor 7. Open {@link dev.weft.routing.admin.AdminApi} first.
 *
 * <p>Knows nothing of what it shows: all of it comes through {@link
 * dev.weft.routing.admin.AdminSource}.
 */
package dev.weft.routing.admin;
