/**
 * The files of the dashboard's pages, as a browser gets them. Floor 7; open {@link
 * dev.weft.routing.admin.dashboard.asset.Assets} first.
 */
@NullMarked
package dev.weft.routing.admin.dashboard.asset;

import org.jspecify.annotations.NullMarked;
