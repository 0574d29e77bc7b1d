/**
 * Reads who may do what. Open {@link dev.weft.config.istio.security.AuthorizationPolicies} first.
 */
package dev.weft.config.istio.security;
