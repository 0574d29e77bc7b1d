/**
 * What is held against a certificate beside its chain and its name. Floor 2. Open {@link
 * dev.weft.routing.identity.certificate.KeyPurpose} first.
 */
@NullMarked
package dev.weft.routing.identity.certificate;

import org.jspecify.annotations.NullMarked;
