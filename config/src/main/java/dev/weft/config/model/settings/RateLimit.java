package dev.weft.config.model.settings;

import java.time.Duration;

/**
 * How many requests may pass.
 *
 * @param requests in each {@code per}, from 1
 * @param burst how many may come at once beyond an even pace, from 1
 * @param key whose requests are counted together
 */
public record RateLimit(int requests, Duration per, int burst, Key key, Scope scope) {

  /** Where requests are counted. */
  public enum Scope {
    /** By each proxy. */
    LOCAL,
    /** For all proxies together. */
    REDIS
  }

  /** Whose requests are counted together; those without the key share one count. */
  public sealed interface Key {

    /** Everybody's. */
    record Everybody() implements Key {}

    /**
     * Those with the same value.
     *
     * @param name in lower case
     */
    record Header(String name) implements Key {}

    /** Those of the same identity in the mesh. */
    record Identity() implements Key {}

    /** Those of the same address. */
    record Address() implements Key {}
  }
}
