/**
 * Sockets that take connections: what they speak is told by their first bytes, requests become
 * exchanges, answers go back. Floor 7. Open {@link dev.weft.routing.listener.Listener} first.
 */
package dev.weft.routing.listener;
