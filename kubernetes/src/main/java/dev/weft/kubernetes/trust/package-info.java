/**
 * What the API server vouches for: whose a token is, and what of the mesh's trust is kept there.
 */
package dev.weft.kubernetes.trust;
