package dev.weft.routing.stage.external;

import dev.weft.routing.transport.HopByHop;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an authorizer says of headers. Those by which a message is delimited or addressed, and those
 * by which proxies tell each other what they proved, are not its to say: they are passed over. To
 * many an application {@code x_user} is {@code x-user}, so that whatever it says of a header, the
 * other spellings of its name go: they are a caller's own word.
 */
final class HeaderChanges {

  /** Nothing is said. */
  static final HeaderChanges NONE = new HeaderChanges(List.of(), List.of());

  private static final int DELETE = 0x7F;
  private static final int MOST_CHAR = 0xFF; // a byte of the wire
  private static final String MARKS = "!#$%&'*+-.^_`|~"; // RFC 9110 section 5.6.2

  private final List<String> removed;
  private final List<Change> changes;

  /** What becomes of a header that is there. */
  enum How {
    APPEND,
    /** It stays as it is. */
    ADD_IF_ABSENT,
    OVERWRITE,
    /** Where there is none, there is none afterwards. */
    OVERWRITE_IF_EXISTS
  }

  private record Change(String name, String value, How how) {}

  private HeaderChanges(List<String> removed, List<Change> changes) {
    this.removed = List.copyOf(removed);
    this.changes = List.copyOf(changes);
  }

  /** Collects them, in their order. */
  static final class Collector {

    private final List<String> removed = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();

    /** Throws {@link UnsoundAnswer} where it could not be a header. */
    void change(String name, String value, How how) {
      String lower = name.toLowerCase(Locale.ROOT);
      sound(lower, value);
      if (!reserved(lower)) {
        changes.add(new Change(lower, value, how));
      }
    }

    void remove(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      sound(lower, "");
      if (!reserved(lower)) {
        removed.add(lower);
      }
    }

    HeaderChanges changes() {
      return removed.isEmpty() && changes.isEmpty() ? NONE : new HeaderChanges(removed, changes);
    }
  }

  /** Of those headers of an answer over HTTP whose names are wanted; they replace those there. */
  static HeaderChanges of(MultiMap answer, HeaderNames wanted) {
    if (wanted.none()) {
      return NONE;
    }
    Collector all = new Collector();
    List<String> seen = new ArrayList<>();
    answer.forEach(
        (name, value) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (wanted.match(lower)) {
            all.change(lower, value, seen.contains(lower) ? How.APPEND : How.OVERWRITE);
            seen.add(lower);
          }
        });
    return all.changes();
  }

  boolean none() {
    return removed.isEmpty() && changes.isEmpty();
  }

  void apply(MultiMap headers) {
    for (String name : removed) {
      headers.remove(name);
      onlySo(headers, name);
    }
    for (Change change : changes) {
      boolean otherwise = onlySo(headers, change.name);
      switch (change.how) {
        case APPEND -> headers.add(change.name, change.value);
        case ADD_IF_ABSENT -> {
          if (!headers.contains(change.name)) {
            headers.add(change.name, change.value);
          }
        }
        case OVERWRITE -> headers.set(change.name, change.value);
        case OVERWRITE_IF_EXISTS -> {
          if (otherwise || headers.contains(change.name)) {
            headers.set(change.name, change.value);
          }
        }
      }
    }
  }

  /** None of those that are wanted comes from somebody else, in whatever spelling. */
  static void withhold(MultiMap headers, HeaderNames wanted) {
    if (!wanted.none()) {
      headers.names().stream()
          .filter(
              name -> {
                String lower = name.toLowerCase(Locale.ROOT);
                boolean theirs = wanted.match(lower) || wanted.match(lower.replace('_', '-'));
                return theirs && !reserved(lower);
              })
          .toList()
          .forEach(headers::remove);
    }
  }

  /** Leaves no other spelling of a name; whether there was one. */
  private static boolean onlySo(MultiMap headers, String name) {
    if (name.indexOf('-') < 0 && name.indexOf('_') < 0) {
      return false;
    }
    String hyphens = name.replace('_', '-');
    List<String> others =
        headers.names().stream()
            .filter(one -> !one.equalsIgnoreCase(name))
            .filter(one -> one.replace('_', '-').equalsIgnoreCase(hyphens))
            .toList();
    others.forEach(headers::remove);
    return !others.isEmpty();
  }

  private static void sound(String name, String value) {
    String bare = name.startsWith(":") ? name.substring(1) : name;
    boolean named = !bare.isEmpty() && bare.chars().allMatch(HeaderChanges::token);
    if (!named || !value.chars().allMatch(HeaderChanges::text)) {
      throw new UnsoundAnswer("a header that could not go on");
    }
  }

  private static boolean token(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || MARKS.indexOf(c) >= 0;
  }

  private static boolean text(int c) {
    return c == '\t' || (c >= ' ' && c != DELETE && c <= MOST_CHAR);
  }

  /** What is not the authorizer's to say. */
  static boolean reserved(String lower) {
    String name = lower.replace('_', '-');
    return name.startsWith(":")
        || HopByHop.is(name)
        || name.startsWith("x-weft-")
        || name.startsWith("x-envoy-")
        || switch (name) {
          case "host",
              "content-length",
              "expect",
              "forwarded",
              "x-forwarded-for",
              "x-forwarded-proto",
              "x-forwarded-client-cert" ->
              true;
          default -> false;
        };
  }
}
