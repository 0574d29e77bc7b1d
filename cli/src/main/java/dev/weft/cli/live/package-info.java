/**
 * What happens now: {@code weft top}, {@code tap}, {@code edges}, {@code routes}, {@code status}.
 */
package dev.weft.cli.live;
