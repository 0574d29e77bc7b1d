/**
 * Having a key certified by the control plane: joining with a token, renewing, restarting. Floor 2.
 * Open {@link dev.weft.routing.identity.join.ControlPlaneIdentity} first.
 */
package dev.weft.routing.identity.join;
