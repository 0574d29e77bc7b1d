/**
 * Reads how a destination is balanced: {@code loadBalancer}, localities, health checks. Open {@link
 * dev.weft.config.istio.balance.LoadBalancers} first.
 */
package dev.weft.config.istio.balance;
