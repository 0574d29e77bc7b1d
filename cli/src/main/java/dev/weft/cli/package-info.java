/** The {@code weft} command. Open {@link dev.weft.cli.Main} first. */
package dev.weft.cli;
