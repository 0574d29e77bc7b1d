package dev.weft.routing.authentication;

import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.QueryText;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Where a token may stand. */
sealed interface TokenPlace {

  /** Tells each token that stands there. */
  void each(RequestHead head, Consumer<String> found);

  /** Takes them away from what goes on, and from what is logged. */
  void take(Request request);

  /** What rules compare of a request from which they are taken. */
  default RequestHead without(RequestHead head) {
    return head;
  }

  /**
   * In a header, behind a word.
   *
   * @param prefix of the value, compared without regard to case; may be empty
   */
  record InHeader(String name, String prefix) implements TokenPlace {

    @Override
    public void each(RequestHead head, Consumer<String> found) {
      MultiMap headers = head.headers();
      if (headers.contains(name)) {
        headers.getAll(name).forEach(value -> one(value, found));
      }
    }

    private void one(String value, Consumer<String> found) {
      String word = prefix.stripTrailing();
      if (!value.regionMatches(true, 0, word, 0, word.length())) {
        return;
      }
      String rest = value.substring(word.length());
      boolean apart =
          word.length() == prefix.length()
              || rest.isEmpty()
              || Character.isWhitespace(rest.charAt(0));
      if (apart && !rest.isBlank()) {
        found.accept(rest.strip());
      }
    }

    @Override
    public void take(Request request) {
      request.headers().remove(name);
    }
  }

  /** In a parameter of the query. */
  record InQuery(String name) implements TokenPlace {

    @Override
    public void each(RequestHead head, Consumer<String> found) {
      QueryText.values(head.query(), name).stream()
          .filter(value -> !value.isEmpty())
          .forEach(found);
    }

    @Override
    public void take(Request request) {
      request.replace(without(request.head()));
    }

    @Override
    public RequestHead without(RequestHead head) {
      return head.with(QueryText.without(head.query(), name), head.headers());
    }
  }

  /** In a cookie. */
  record InCookie(String name) implements TokenPlace {

    @Override
    public void each(RequestHead head, Consumer<String> found) {
      for (String header : head.headers().getAll(HttpHeaderNames.COOKIE)) {
        for (String pair : header.split(";", -1)) {
          if (named(pair)) {
            String value = unquoted(pair.substring(pair.indexOf('=') + 1).strip());
            if (!value.isEmpty()) {
              found.accept(value);
            }
          }
        }
      }
    }

    private boolean named(String pair) {
      int equals = pair.indexOf('=');
      return equals > 0 && pair.substring(0, equals).strip().equals(name);
    }

    private static String unquoted(String value) {
      boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
      return quoted ? value.substring(1, value.length() - 1) : value;
    }

    @Override
    public void take(Request request) {
      List<String> headers = List.copyOf(request.headers().getAll(HttpHeaderNames.COOKIE));
      request.headers().remove(HttpHeaderNames.COOKIE);
      for (String header : headers) {
        List<String> kept = new ArrayList<>();
        for (String pair : header.split(";", -1)) {
          if (!named(pair)) {
            kept.add(pair.strip());
          }
        }
        if (!kept.isEmpty()) {
          request.headers().add(HttpHeaderNames.COOKIE, String.join("; ", kept));
        }
      }
    }
  }
}
