/**
 * Finds rules that do nothing, or something else than they look like, and proves each by a request
 * that the decision function was asked. Open {@link dev.weft.routing.process.lint.Lint} first.
 */
package dev.weft.routing.process.lint;
