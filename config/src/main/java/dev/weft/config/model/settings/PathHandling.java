package dev.weft.config.model.settings;

/** How a path is read: one for routing, authorization and the upstream. */
public record PathHandling(Normalize normalize, Ambiguous ambiguous) {

  /** What holds where nothing is said. */
  public static final PathHandling DEFAULT =
      new PathHandling(Normalize.MERGE_SLASHES, Ambiguous.STRICT);

  /** What is made of a path before it is looked at. Source: Istio {@code pathNormalization}. */
  public enum Normalize {
    /** It stays as it came. */
    NONE,
    /** Without dot segments (RFC 3986 section 5.2.4). */
    BASE,
    /** And with one slash where there are several. */
    MERGE_SLASHES
  }

  /**
   * What becomes of a path that servers may read differently: {@code %2F}, {@code ;x}, {@code \}.
   */
  public enum Ambiguous {
    /** Denied where any reading is denied; allowed where every reading is. */
    STRICT,
    /** Read as it is written. */
    AS_WRITTEN
  }
}
