package dev.weft.routing.process.explain;

import dev.weft.config.model.settings.Log;
import dev.weft.routing.route.match.QueryText;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * Headers and parameters of a query whose values no page shows, although rules may look at them:
 * those that no log has.
 */
record Secrets(Set<String> names) {

  private static final Set<String> URLS = Set.of("url", "target", "redirect");

  static Secrets of(Log log) {
    return new Secrets(Set.copyOf(log.redact()));
  }

  /** Why a rule was not chosen, without a value that nobody is shown. */
  String hidden(String why) {
    for (String name : names) {
      if (why.startsWith("header " + name + ": \"")) {
        return "header " + name + ": [redacted] is not what it wants";
      }
      if (why.startsWith("query " + name + ": \"")) {
        return "query " + name + ": [redacted] is not what it wants";
      }
    }
    return why;
  }

  /** An explanation, without them in its URLs. */
  JsonObject hidden(JsonObject json) {
    for (String field : URLS) {
      String url = json.getString(field);
      if (url != null && url.indexOf('?') >= 0) {
        int query = url.indexOf('?') + 1;
        json.put(field, url.substring(0, query) + QueryText.shown(url.substring(query), names));
      }
    }
    return json;
  }
}
