/**
 * Names and passwords, and whether they are right. Floor 5; open {@link
 * dev.weft.routing.stage.edge.password.Passwords} first.
 */
package dev.weft.routing.stage.edge.password;
