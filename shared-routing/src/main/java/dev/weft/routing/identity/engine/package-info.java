/**
 * Which TLS engine this process has, and how it is loaded. Floor 2. Open {@link
 * dev.weft.routing.identity.engine.BoringSsl} first.
 */
@NullMarked
package dev.weft.routing.identity.engine;

import org.jspecify.annotations.NullMarked;
