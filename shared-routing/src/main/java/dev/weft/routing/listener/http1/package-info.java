/**
 * One connection of HTTP/1: how its requests are read, and what the end of its caller's side means.
 * Floor 7. Open {@link dev.weft.routing.listener.http1.HalfClosure} first.
 */
package dev.weft.routing.listener.http1;
