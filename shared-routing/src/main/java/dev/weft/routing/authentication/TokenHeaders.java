package dev.weft.routing.authentication;

import dev.weft.config.model.security.RequestAuthentication.ClaimHeader;
import dev.weft.config.model.security.RequestAuthentication.JwtRule;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The headers that tell of tokens: what came of their names is taken away from every request, so
 * that nobody can tell of himself. An underscore is a hyphen here, as it is to many an application.
 */
final class TokenHeaders {

  private final List<String> names;

  TokenHeaders(List<JwtRule> rules) {
    Set<String> all = new TreeSet<>();
    for (JwtRule rule : rules) {
      rule.outputs().payload().ifPresent(all::add);
      rule.outputs().claims().stream().map(ClaimHeader::header).forEach(all::add);
    }
    this.names = List.copyOf(all);
  }

  /**
   * From now on the request has these, and none else of all names: what goes on, and what rules
   * compare.
   */
  void set(Request request, Map<String, String> told) {
    if (names.isEmpty()) {
      return;
    }
    RequestHead head = request.head();
    strip(request.headers());
    if (reserved(head.headers()) || !told.isEmpty()) {
      told.forEach(request.headers()::set);
      request.replace(seen(head, told));
    }
  }

  /** What rules compare of a request of which this is told. */
  RequestHead seen(RequestHead head, Map<String, String> told) {
    MultiMap seen = HttpHeaders.headers().addAll(head.headers());
    strip(seen);
    told.forEach(seen::set);
    return head.with(head.query(), seen);
  }

  private boolean reserved(MultiMap headers) {
    for (Map.Entry<String, String> header : headers) {
      if (reserved(header.getKey())) {
        return true;
      }
    }
    return false;
  }

  private void strip(MultiMap headers) {
    if (reserved(headers)) {
      List<String> gone = new ArrayList<>();
      headers.names().stream().filter(this::reserved).forEach(gone::add);
      gone.forEach(headers::remove);
    }
  }

  private boolean reserved(String name) {
    for (String one : names) {
      if (one.length() == name.length() && same(one, name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean same(String wanted, String name) {
    for (int i = 0; i < wanted.length(); i++) {
      if (plain(wanted.charAt(i)) != plain(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static char plain(char c) {
    if (c == '_') {
      return '-';
    }
    return c >= 'A' && c <= 'Z' ? (char) (c | 0x20) : c;
  }
}
