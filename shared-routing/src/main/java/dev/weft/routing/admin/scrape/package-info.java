/**
 * How metrics are handed to who scrapes. Floor 7; open {@link dev.weft.routing.admin.scrape.Packed}
 * first.
 */
@NullMarked
package dev.weft.routing.admin.scrape;

import org.jspecify.annotations.NullMarked;
