/** Kubernetes' own kinds, as far as routing needs them, from files or from the API server. */
package dev.weft.config.model.core;
