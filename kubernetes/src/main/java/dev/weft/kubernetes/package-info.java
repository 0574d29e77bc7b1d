/**
 * The Kubernetes API server: who may be asked, and configuration from ConfigMaps. Used by gateway,
 * control plane and commands, never by the sidecar. Open {@link
 * dev.weft.kubernetes.ConfigMapSource} first.
 *
 * <p>The only package that knows the fabric8 client; no type of it leaves.
 */
package dev.weft.kubernetes;
