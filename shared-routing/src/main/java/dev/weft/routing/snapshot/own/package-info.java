/**
 * What the application behind a sidecar is called. Floor 6. Open {@link
 * dev.weft.routing.snapshot.own.OwnApplication} first.
 */
package dev.weft.routing.snapshot.own;
