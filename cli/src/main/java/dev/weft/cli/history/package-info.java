/**
 * {@code weft config}: what serves, what a file would change, what served before, and the way back.
 */
package dev.weft.cli.history;
