package dev.weft.routing.authorization;

import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Source;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.security.AuthorizationPolicy.When;

/** What of a rule only a request has. */
public final class HttpOnly {

  private HttpOnly() {}

  /** Whether a rule asks for something of a request, so that it allows no connection. */
  public static boolean asks(Rule rule) {
    return !rule.equals(without(rule));
  }

  /** The rule without all that. */
  static Rule without(Rule rule) {
    return new Rule(
        rule.place(),
        rule.from().stream().map(HttpOnly::without).toList(),
        rule.to().stream().map(HttpOnly::without).toList(),
        rule.when().stream().filter(when -> !asks(when)).toList());
  }

  private static Source without(Source source) {
    return new Source(
        source.principals(),
        Values.ANY,
        source.namespaces(),
        source.serviceAccounts(),
        source.ipBlocks(),
        source.remoteIpBlocks());
  }

  private static Operation without(Operation operation) {
    return new Operation(Values.ANY, operation.ports(), Values.ANY, Values.ANY);
  }

  private static boolean asks(When when) {
    return when.key().startsWith("request.");
  }
}
