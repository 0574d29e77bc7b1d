package dev.weft.config.model.settings.edge;

import java.util.List;
import java.util.Optional;

/**
 * Keys of which a caller must show one. Only their hashes are known here: keys are random and long,
 * so that nobody finds one by its hash.
 *
 * @param header where a key is shown, in lower case; or
 * @param query the parameter where it is
 * @param keys none where none is asked for
 */
public record ApiKeys(Optional<String> header, Optional<String> query, List<Key> keys) {

  /** None is asked for. */
  public static final ApiKeys OFF = new ApiKeys(Optional.empty(), Optional.empty(), List.of());

  public ApiKeys {
    keys = List.copyOf(keys);
  }

  /**
   * One of them.
   *
   * @param name of whoever has it, for logs and the service
   * @param sha256 of its UTF-8, 64 digits in lower case
   */
  public record Key(String name, String sha256) {
    @Override
    public String toString() {
      return "Key[" + name + ", redacted]";
    }
  }
}
