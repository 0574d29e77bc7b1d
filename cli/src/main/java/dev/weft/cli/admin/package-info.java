/**
 * Admin ports of what runs, asked from outside, and how commands tell what they heard. Open {@link
 * dev.weft.cli.admin.AdminPort} first.
 */
package dev.weft.cli.admin;
