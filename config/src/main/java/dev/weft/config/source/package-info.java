/**
 * Where texts come from on this machine. Open {@link dev.weft.config.source.DirectorySource} first.
 */
package dev.weft.config.source;
