package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.IpBlock;
import dev.weft.routing.route.match.Authorities;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one field of a rule asks for. What it says of words is said of every text that they take;
 * where that is not known, it says no.
 *
 * @param key what of a request it looks at, the same for all fields that look at the same
 * @param in name of the field
 * @param not name of its negation
 */
record Part(String key, Kind kind, String in, String not, Values values) {

  /** How words are compared. */
  enum Kind {
    TEXT,
    PATH,
    HOST,
    ADDRESS,
    PORT,
    /** Of a header there may be several. */
    HEADER,
    /** One of several texts must do. */
    LIST
  }

  /** The same without its negation. */
  Part positive() {
    return but(new Values(values.in(), List.of()));
  }

  /** The same field with other words. */
  Part but(Values other) {
    return new Part(key, kind, in, not, other);
  }

  /** Whether every request has exactly one of what it looks at. */
  boolean single() {
    return key.equals(Asks.METHOD)
        || kind == Kind.PATH
        || kind == Kind.HOST
        || kind == Kind.PORT
        || kind == Kind.ADDRESS;
  }

  /** Whether a value may do, which is there; a template may take any path. */
  boolean holds(String value) {
    boolean wanted =
        values.in().isEmpty()
            || values.in().stream().anyMatch(word -> template(word) || covers(word, value));
    return wanted && values.not().stream().noneMatch(word -> covers(word, value));
  }

  private boolean template(String word) {
    return kind == Kind.PATH && word.indexOf('{') >= 0;
  }

  /**
   * Whether its negation takes all that it asks for.
   *
   * @param denies what becomes of what the rule matches: a rule that denies looks at the elements
   *     of a header's list, which the negation does not
   */
  boolean excluded(boolean denies) {
    return !values.in().isEmpty()
        && !(kind == Kind.HEADER && denies)
        && values.in().stream()
            .allMatch(word -> values.not().stream().anyMatch(wide -> covers(wide, word)));
  }

  /** Whether whatever does here does there; both look at the same. */
  boolean within(Part other) {
    boolean wanted =
        other.values.in().isEmpty()
            || (!values.in().isEmpty()
                && values.in().stream()
                    .allMatch(
                        word -> other.values.in().stream().anyMatch(wide -> covers(wide, word))));
    return wanted && other.values.not().stream().allMatch(this::never);
  }

  /** Whether nothing that does is taken by a word. */
  private boolean never(String word) {
    return values.not().stream().anyMatch(wide -> covers(wide, word))
        || (!values.in().isEmpty() && values.in().stream().allMatch(own -> apart(own, word)));
  }

  /** Whether no text is taken by both. */
  private boolean apart(String own, String word) {
    return switch (kind) {
      case PORT -> !own.equals(word);
      case ADDRESS -> !covers(own, word) && !covers(word, own);
      case TEXT, PATH -> plain(own) && plain(word) && !own.equals(word);
      case HOST, HEADER, LIST -> false;
    };
  }

  private static boolean plain(String word) {
    return word.indexOf('*') < 0 && word.indexOf('{') < 0 && word.indexOf('%') < 0;
  }

  /** Whether a word takes all that another takes. */
  private boolean covers(String wide, String narrow) {
    if (kind == Kind.ADDRESS) {
      Optional<IpBlock> inner = IpBlock.parse(narrow);
      return inner.isPresent()
          && IpBlock.parse(wide).filter(block -> block.contains(inner.get())).isPresent();
    }
    if (kind == Kind.HOST) {
      return hosts(wide, narrow);
    }
    boolean equal = wide.equals(narrow) || (wide.equals("*") && !narrow.isEmpty());
    return kind == Kind.PORT
        ? wide.equals(narrow)
        : equal || (!(kind == Kind.PATH && special(wide, narrow)) && affix(wide, narrow));
  }

  /** Templates, and what is decoded before it is compared. */
  private static boolean special(String wide, String narrow) {
    return wide.indexOf('{') >= 0
        || narrow.indexOf('{') >= 0
        || wide.indexOf('%') >= 0
        || narrow.indexOf('%') >= 0;
  }

  /** Hosts with and without a port are compared with different texts. */
  private static boolean hosts(String wide, String narrow) {
    String outer = Authorities.lower(wide);
    String inner = Authorities.lower(narrow);
    boolean bare = Stream.of(outer, inner).noneMatch(one -> one.contains(":") || one.endsWith("."));
    boolean any = outer.equals("*") && !inner.isEmpty();
    return outer.equals(inner) || (bare && (any || affix(outer, inner)));
  }

  /** {@code abc*} and {@code *abc}; a star in front counts before one at the end. */
  private static boolean affix(String wide, String narrow) {
    if (wide.startsWith("*")) {
      String end = wide.substring(1);
      boolean open = narrow.endsWith("*") && !narrow.startsWith("*");
      String own = narrow.startsWith("*") ? narrow.substring(1) : narrow;
      return !end.isEmpty() && !open && own.endsWith(end);
    }
    return wide.endsWith("*")
        && !narrow.startsWith("*")
        && narrow.startsWith(wide.substring(0, wide.length() - 1));
  }
}
