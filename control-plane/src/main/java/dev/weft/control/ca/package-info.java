/**
 * The certificate authority of a mesh and the tokens by which workloads join it. Open {@link
 * dev.weft.control.ca.CertificateAuthority} first.
 */
package dev.weft.control.ca;
