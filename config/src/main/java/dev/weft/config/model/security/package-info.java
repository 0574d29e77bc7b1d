/**
 * Who may do what: what security resources ask for. Open {@link
 * dev.weft.config.model.security.AuthorizationPolicy} first.
 */
package dev.weft.config.model.security;
