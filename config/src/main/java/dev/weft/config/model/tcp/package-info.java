/** What a configuration says of connections that are not HTTP. */
package dev.weft.config.model.tcp;
