/**
 * Connections that show that a rule for them does nothing. Open {@link
 * dev.weft.routing.process.lint.connection.ConnectionExamples} first.
 */
package dev.weft.routing.process.lint.connection;
