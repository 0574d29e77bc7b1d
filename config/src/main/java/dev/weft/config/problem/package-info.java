/**
 * Faults in a user's configuration, with their places. The lowest floor of {@code config}. Open
 * {@link dev.weft.config.problem.Problem} first.
 */
package dev.weft.config.problem;
