/**
 * A real Kubernetes API server for tests. Open {@link dev.weft.testkit.kube.KubeApiServer} first.
 */
package dev.weft.testkit.kube;
