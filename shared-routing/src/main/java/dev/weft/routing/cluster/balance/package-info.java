/**
 * Which endpoint is next: one class for each balancer, localities, warm-up. Knows endpoints as
 * {@link dev.weft.routing.cluster.balance.Candidate} only. Floor 3, below its cluster. Open {@link
 * dev.weft.routing.cluster.balance.LoadBalancers} first.
 */
package dev.weft.routing.cluster.balance;
