package dev.weft.kubernetes.watch;

import io.fabric8.kubernetes.client.informers.cache.Indexer;

/** What is known of all objects of a kind. */
public interface Watched<T> {

  /** As they were seen last. On the thread. */
  Indexer<T> known();

  /** Whether changes are seen at the moment. */
  boolean watching();

  /** Sees all that is known once more, for the last time. On the thread. */
  void end();
}
