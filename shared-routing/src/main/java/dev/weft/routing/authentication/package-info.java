/**
 * For whom a request asks: RequestAuthentications, compiled once for each change. Floor 2; nothing
 * of it is loaded before one asks for it. Open {@link
 * dev.weft.routing.authentication.Authentication} first.
 */
@NullMarked
package dev.weft.routing.authentication;

import org.jspecify.annotations.NullMarked;
