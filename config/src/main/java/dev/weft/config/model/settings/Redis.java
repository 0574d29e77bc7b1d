package dev.weft.config.model.settings;

/**
 * Where limits of scope {@code redis} are counted.
 *
 * @param url e.g. {@code redis://redis.infra:6379}; empty for none
 */
public record Redis(String url) {

  /** There is none. */
  public static final Redis NONE = new Redis("");

  /** Its url may hold a password. */
  @Override
  public String toString() {
    return url.isEmpty() ? "Redis[]" : "Redis[redacted]";
  }
}
