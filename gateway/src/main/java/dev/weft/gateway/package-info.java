/** The north-south process. Open {@link dev.weft.gateway.Main} first. */
package dev.weft.gateway;
