/** The bodies that a request can have. Floor 1, above {@code exchange}. */
package dev.weft.routing.exchange.body;
