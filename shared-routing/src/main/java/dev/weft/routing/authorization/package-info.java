/**
 * Who may do what: AuthorizationPolicies, compiled once for each change and asked for each request.
 * On the floor of {@code route}. Open {@link dev.weft.routing.authorization.Authorization} first.
 */
package dev.weft.routing.authorization;
