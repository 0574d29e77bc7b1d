/**
 * Certificates that a gateway obtains by itself. Nothing of it is loaded where none are wanted.
 * Open {@link dev.weft.gateway.acme.AcmeCertificates} first.
 */
@NullMarked
package dev.weft.gateway.acme;

import org.jspecify.annotations.NullMarked;
