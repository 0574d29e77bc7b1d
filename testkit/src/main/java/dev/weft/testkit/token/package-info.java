/** Issuers of tokens for tests, of the JDK alone: what checks is not what signs. */
package dev.weft.testkit.token;
