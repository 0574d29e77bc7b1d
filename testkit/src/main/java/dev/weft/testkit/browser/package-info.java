/** A real browser for tests of pages. */
package dev.weft.testkit.browser;
