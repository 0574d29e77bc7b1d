/**
 * Where the endpoints of clusters come from. Floor 4. Open {@link
 * dev.weft.routing.discovery.EndpointCatalog} first.
 */
package dev.weft.routing.discovery;
