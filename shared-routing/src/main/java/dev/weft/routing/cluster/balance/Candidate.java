package dev.weft.routing.cluster.balance;

import dev.weft.config.model.balance.Locality;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint as balancers see it. */
public interface Candidate {

  /** {@code host:port}, by which tables place it. */
  String address();

  /** From 1; read when a table is built. */
  int weight();

  Map<String, String> labels();

  Locality where();

  /** Attempts under way. */
  AtomicInteger inFlight();

  /** How long it took to answer lately. */
  Latency latency();
}
