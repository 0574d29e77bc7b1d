package dev.weft.routing.route.match;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One thing that a rule asks of a request. Immutable; any thread; allocates nothing. */
public sealed interface Condition {

  boolean holds(RequestHead head, Caller caller);

  /** Why it does not hold, for an explanation: {@code header x-user: "beta" is not "alpha"}. */
  String refusal(RequestHead head, Caller caller);

  /** The path without its query. */
  record Path(TextMatcher matcher) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return matcher.matches(head.path());
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      return "path: \"" + head.path() + "\" is not " + matcher.described();
    }
  }

  /** A part of the head that is always there. */
  record Part(Which which, TextMatcher matcher) implements Condition {

    /** Which part. */
    public enum Which {
      METHOD,
      SCHEME,
      AUTHORITY
    }

    private String value(RequestHead head) {
      return switch (which) {
        case METHOD -> head.method();
        case SCHEME -> head.scheme();
        case AUTHORITY -> head.authority();
      };
    }

    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return matcher.matches(value(head));
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      String name = which.name().toLowerCase(Locale.ROOT);
      return name + ": \"" + value(head) + "\" is not " + matcher.described();
    }
  }

  /** A header that is there and holds; several of one name count as one, joined by commas. */
  record Header(String name, TextMatcher matcher) implements Condition {

    private static final Set<String> SECRET =
        Set.of("authorization", "proxy-authorization", "cookie"); // an explanation may be kept

    /** The value that counts; null where the header is absent. */
    public static @Nullable String value(RequestHead head, String name) {
      String first = head.headers().get(name);
      if (first == null) {
        return null;
      }
      List<String> all = head.headers().getAll(name);
      return all.size() < 2 ? first : String.join(",", all);
    }

    @Override
    public boolean holds(RequestHead head, Caller caller) {
      String value = value(head, name);
      return value != null && matcher.matches(value);
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      String value = value(head, name);
      if (value == null) {
        return "header " + name + " is absent";
      }
      String shown = SECRET.contains(name.toLowerCase(Locale.ROOT)) ? "[redacted]" : value;
      return "header " + name + ": \"" + shown + "\" is not " + matcher.described();
    }
  }

  /** A header that must not hold; one that is absent does not. */
  record WithoutHeader(Header header) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return !header.holds(head, caller);
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      return "header " + header.name() + " is " + header.matcher().described();
    }
  }

  /** A claim of a verified token, one of whose texts holds. Source: Istio, JWT claim routing. */
  record Claim(List<String> names, TextMatcher matcher) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      for (String text : caller.token().claim(names)) {
        if (matcher.matches(text)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      List<String> texts = caller.token().claim(names);
      String name = "claim " + String.join(".", names);
      return texts.isEmpty()
          ? name + " is absent"
          : name + ": \"" + String.join(",", texts) + "\" is not " + matcher.described();
    }
  }

  /** A claim that must not hold; one that is absent does not. */
  record WithoutClaim(Claim claim) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return !claim.holds(head, caller);
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      return "claim " + String.join(".", claim.names) + " is " + claim.matcher.described();
    }
  }

  /** A query parameter; {@code ?key} has the empty value. */
  record Query(String name, TextMatcher matcher) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      String value = QueryText.value(head.query(), name);
      return value != null && matcher.matches(value);
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      String value = QueryText.value(head.query(), name);
      return value == null
          ? "query " + name + " is absent"
          : "query " + name + ": \"" + value + "\" is not " + matcher.described();
    }
  }

  /** The port of the listener: what a caller names himself does not count at a gateway. */
  record ListenerPort(int port) implements Condition {
    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return caller.localPort() == port;
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      return "port: " + caller.localPort() + " is not " + port;
    }
  }

  /**
   * The port that a workload calls: that which its connection was going to, where the kernel
   * redirected it; else, where one listener proxies for all ports, the one that it names or its
   * scheme's own, or that listener's.
   */
  record DestinationPort(int port) implements Condition {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    @Override
    public boolean holds(RequestHead head, Caller caller) {
      return called(head, caller) == port
          || (caller.destination().isEmpty() && caller.localPort() == port);
    }

    private static int called(RequestHead head, Caller caller) {
      if (caller.destination().isPresent()) {
        return caller.destination().get().getPort();
      }
      int named = Authorities.port(head.authority());
      if (named != 0) {
        return named;
      }
      return head.scheme().equals("https") ? HTTPS : HTTP;
    }

    @Override
    public String refusal(RequestHead head, Caller caller) {
      return "port: " + called(head, caller) + " is not " + port;
    }
  }
}
