/**
 * Istio's resources, where the API server has their definitions. Open {@link
 * dev.weft.kubernetes.istio.IstioResources} first.
 */
package dev.weft.kubernetes.istio;
