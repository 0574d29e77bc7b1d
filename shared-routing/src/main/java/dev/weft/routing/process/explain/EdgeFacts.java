package dev.weft.routing.process.explain;

import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.model.settings.edge.SecurityHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What a gateway asks of the callers of a rule and tells them, as JSON: names are an interface. */
public final class EdgeFacts {

  private static final int MOST = 10; // blocks that a text shows

  private EdgeFacts() {}

  /** Empty where nothing is asked. */
  public static JsonObject of(EdgePolicy policy) {
    JsonObject json = new JsonObject();
    if (!policy.allowFrom().isEmpty()) {
      json.put("allow_from", new JsonArray(policy.allowFrom()));
    }
    if (!policy.denyFrom().isEmpty()) {
      json.put("deny_from", new JsonArray(policy.denyFrom()));
    }
    policy.cors().ifPresent(cors -> json.put("cors", true));
    policy
        .apiKeys()
        .filter(keys -> !keys.keys().isEmpty())
        .ifPresent(
            keys ->
                json.put(
                    "api_key",
                    keys.header().map(name -> "header " + name).orElse("")
                        + keys.query().map(name -> "parameter " + name).orElse("")));
    policy
        .basicAuth()
        .filter(basic -> !basic.users().isEmpty())
        .ifPresent(basic -> json.put("basic_auth", basic.realm()));
    policy
        .securityHeaders()
        .filter(headers -> !headers.equals(SecurityHeaders.NONE))
        .ifPresent(headers -> json.put("security_headers", new JsonArray(names(headers))));
    return json;
  }

  private static List<String> names(SecurityHeaders headers) {
    List<String> names = new ArrayList<>(headers.others().keySet());
    headers.strictTransportSecurity().ifPresent(value -> names.add("strict-transport-security"));
    names.sort(null);
    return names;
  }

  /** A line for each, of what {@link #of} told. */
  public static List<String> lines(JsonObject json) {
    List<String> lines = new ArrayList<>();
    if (json.containsKey("deny_from")) {
      lines.add("not from " + some(json.getJsonArray("deny_from")));
    }
    if (json.containsKey("allow_from")) {
      lines.add("only from " + some(json.getJsonArray("allow_from")));
    }
    if (json.containsKey("cors")) {
      lines.add("preflights are answered");
    }
    if (json.containsKey("api_key")) {
      lines.add("needs an API key in " + json.getString("api_key"));
    }
    if (json.containsKey("basic_auth")) {
      lines.add("needs a name and a password for '" + json.getString("basic_auth") + "'");
    }
    if (json.containsKey("security_headers")) {
      lines.add("answers get " + some(json.getJsonArray("security_headers")));
    }
    return lines;
  }

  private static String some(JsonArray all) {
    List<String> shown = all.stream().limit(MOST).map(String::valueOf).toList();
    return String.join(", ", shown)
        + (all.size() > MOST ? " and " + (all.size() - MOST) + " more" : "");
  }
}
