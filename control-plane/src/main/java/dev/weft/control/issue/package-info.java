/**
 * The wire of the certificate authority. Open {@link dev.weft.control.issue.IssuanceRoutes} first.
 */
package dev.weft.control.issue;
