/**
 * Keys and requests for certificates as the bytes that others read (DER): so much of it as a proxy
 * needs, which therefore carries no library for the rest. Floor 2. Open {@link
 * dev.weft.routing.identity.der.Pkcs8} first.
 */
package dev.weft.routing.identity.der;
