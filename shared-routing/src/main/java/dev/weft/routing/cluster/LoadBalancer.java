package dev.weft.routing.cluster;

import java.util.OptionalLong;

/**
 * Which endpoint is next, health aside. Made for one set of endpoints and one policy; any thread
 * may enter; no lock.
 */
interface LoadBalancer {

  /**
   * @param draw 64 even bits
   * @param hash of the request's key; empty where it has none
   * @return an index into the endpoints that it was made for; there is at least one
   */
  int choose(long draw, OptionalLong hash);
}
