package dev.weft.routing.identity;

import io.vertx.core.Future;

/** Where a workload's identity comes from. It publishes each one to an {@link IdentityStore}. */
public interface IdentitySource {

  /**
   * Begins; any thread.
   *
   * @return the first identity; fails with a sentence where it can never come
   */
  Future<WorkloadIdentity> start();

  /** Ends. */
  void close();
}
