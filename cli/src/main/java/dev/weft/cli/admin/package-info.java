/**
 * Admin ports of what runs, asked from outside. Open {@link dev.weft.cli.admin.AdminPort} first.
 */
package dev.weft.cli.admin;
