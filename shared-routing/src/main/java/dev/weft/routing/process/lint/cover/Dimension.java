package dev.weft.routing.process.lint.cover;

/**
 * One part of a request that rules look at.
 *
 * @param name of a header, parameter or claim; empty for the others
 */
public record Dimension(Kind kind, String name) {

  /** Which part. */
  public enum Kind {
    PATH,
    METHOD,
    SCHEME,
    AUTHORITY,
    PORT,
    HEADER,
    QUERY,
    CLAIM;

    /** Whether a request may have none. */
    boolean optional() {
      return this == HEADER || this == QUERY || this == CLAIM;
    }
  }

  /** Without its query. */
  public static final Dimension PATH = new Dimension(Kind.PATH, "");

  /** As it is written. */
  public static final Dimension METHOD = new Dimension(Kind.METHOD, "");

  /** Of the listener. */
  public static final Dimension SCHEME = new Dimension(Kind.SCHEME, "");

  /** With its port, where it names one. */
  public static final Dimension AUTHORITY = new Dimension(Kind.AUTHORITY, "");

  /** Of the listener, or that a workload calls. */
  public static final Dimension PORT = new Dimension(Kind.PORT, "");

  /** For people: {@code header x-user}. */
  public String told() {
    String word = kind.name().toLowerCase(java.util.Locale.ROOT);
    return name.isEmpty() ? word : word + " " + name;
  }
}
