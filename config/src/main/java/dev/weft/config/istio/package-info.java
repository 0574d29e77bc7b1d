/**
 * Istio's and Kubernetes' kinds, each read from its fields into the model. Open {@link
 * dev.weft.config.istio.Kinds} first.
 */
package dev.weft.config.istio;
