/**
 * A checked configuration as text and back, for the control plane's stream and the last good state
 * on disk. Open {@link dev.weft.config.codec.ConfigCodec} first.
 */
package dev.weft.config.codec;
