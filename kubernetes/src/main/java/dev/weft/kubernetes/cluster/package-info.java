/**
 * A look at a cluster for who wants to know whether all is well: nothing is changed. Open {@link
 * dev.weft.kubernetes.cluster.Cluster} first.
 */
package dev.weft.kubernetes.cluster;
