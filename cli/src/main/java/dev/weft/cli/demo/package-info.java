/**
 * {@code weft demo}: a whole mesh of separate processes on this machine. Open {@link
 * dev.weft.cli.demo.DemoCommand} first.
 */
package dev.weft.cli.demo;
