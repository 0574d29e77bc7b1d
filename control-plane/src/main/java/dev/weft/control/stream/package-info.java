/**
 * The stream by which proxies get their configuration. Open {@link
 * dev.weft.control.stream.ConfigStreams} first.
 */
package dev.weft.control.stream;
