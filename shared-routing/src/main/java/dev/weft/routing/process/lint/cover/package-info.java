/**
 * What rules ask for, and requests that are made up to tell them apart. Open {@link
 * dev.weft.routing.process.lint.cover.Cover} first.
 */
package dev.weft.routing.process.lint.cover;
