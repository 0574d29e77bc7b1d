/**
 * What is told of one request to whoever asked why it went where it went. Floor 1; open {@link
 * dev.weft.routing.exchange.account.Account} first.
 */
@NullMarked
package dev.weft.routing.exchange.account;

import org.jspecify.annotations.NullMarked;
