/** The east-west process; knows nothing of Kubernetes' API. Open {@link dev.weft.sidecar.Main}. */
package dev.weft.sidecar;
