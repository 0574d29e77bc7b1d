package dev.weft.routing.authentication;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Where keys are fetched from. */
public interface KeySources {

  /** Fetches nothing, so that no token that needs it counts: for what only explains. */
  KeySources NONE =
      new KeySources() {
        @Override
        public KeySource of(Address address) {
          return new NoKeys();
        }

        @Override
        public void retain(Set<Address> used) {}
      };

  /**
   * A place to fetch from.
   *
   * @param issuer whose keys they are
   * @param jwksUri where a key set is; empty where the issuer tells
   * @param timeout of the whole fetching
   */
  record Address(String issuer, Optional<String> jwksUri, Duration timeout) {}

  /** The same source for the same address, as long as it is used. */
  KeySource of(Address address);

  /** Forgets all others. */
  void retain(Set<Address> used);
}
