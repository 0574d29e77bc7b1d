package dev.weft.routing.cluster;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the choice of an endpoint depends on.
 *
 * @param draw 64 even bits
 * @param hash of the request's key where the balancer hashes; empty for none
 * @param tried endpoints that this exchange tried already; avoided unless nothing else is left
 */
public record Pick(long draw, OptionalLong hash, List<Endpoint> tried) {}
