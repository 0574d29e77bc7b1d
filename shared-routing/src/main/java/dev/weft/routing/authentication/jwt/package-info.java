/**
 * One token: what it says and whether a key set signed it. The only place that knows Nimbus JOSE.
 * Floor 2; open {@link dev.weft.routing.authentication.jwt.SignedToken} first.
 */
@NullMarked
package dev.weft.routing.authentication.jwt;

import org.jspecify.annotations.NullMarked;
