/**
 * Keys of those whose tokens count, fetched from where they say. Floor 4; nothing of it is loaded
 * before a RequestAuthentication asks for it. Open {@link
 * dev.weft.routing.transport.keys.FetchedKeys} first.
 */
@NullMarked
package dev.weft.routing.transport.keys;

import org.jspecify.annotations.NullMarked;
