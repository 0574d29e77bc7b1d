package dev.weft.routing.cluster.balance;

import java.util.OptionalLong;

/**
 * Which endpoint is next, health aside. Made for one set of endpoints and one policy; any thread
 * may enter; no lock, and a choice allocates nothing.
 */
public interface LoadBalancer {

  /**
   * @param draw 64 even bits, others in each round
   * @param hash of the request's key; empty where it has none
   * @param round from 0; the next one where the choice before is of no use. With a key the rounds
   *     always lead through the same endpoints
   * @return an index into the endpoints that it was made for; there is at least one
   */
  int choose(long draw, OptionalLong hash, int round);
}
