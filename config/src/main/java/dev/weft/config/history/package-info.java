/**
 * What was configuration when, what changed from one version to the next, and how to go back. Open
 * {@link dev.weft.config.history.ConfigHistory} first.
 */
package dev.weft.config.history;
