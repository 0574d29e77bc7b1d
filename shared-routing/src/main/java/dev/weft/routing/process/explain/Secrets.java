package dev.weft.routing.process.explain;

import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.config.model.settings.edge.EdgePolicy;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Headers whose values no page shows, although rules may look at them: those that no log has, and
 * those of API keys.
 */
record Secrets(Set<String> headers) {

  static Secrets of(Settings settings) {
    Set<String> all = new TreeSet<>(settings.log().redact());
    Stream.concat(
            Stream.of(settings.edge().policy()),
            settings.routes().stream().map(RouteSettings::edge))
        .map(EdgePolicy::apiKeys)
        .flatMap(keys -> keys.flatMap(ApiKeys::header).stream())
        .forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
    return new Secrets(all);
  }

  /** Why a rule was not chosen, without a value that nobody is shown. */
  String hidden(String why) {
    for (String name : headers) {
      if (why.startsWith("header " + name + ": \"")) {
        return "header " + name + ": [redacted] is not what it wants";
      }
    }
    return why;
  }
}
