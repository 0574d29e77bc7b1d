/**
 * Watches of the API server that outlive its outages. Open {@link
 * dev.weft.kubernetes.watch.Watches} first.
 */
package dev.weft.kubernetes.watch;
