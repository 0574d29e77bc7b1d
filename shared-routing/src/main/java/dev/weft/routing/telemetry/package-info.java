/**
 * What can be seen from outside: golden signals, the access log. Floor 2. Open {@link
 * dev.weft.routing.telemetry.ExchangeObserver} first.
 */
package dev.weft.routing.telemetry;
