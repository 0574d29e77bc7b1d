/**
 * What tests of several modules need. Open {@link dev.weft.testkit.TestCertificates} for identities
 * of every kind.
 */
package dev.weft.testkit;
