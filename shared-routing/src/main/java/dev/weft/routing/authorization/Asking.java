package dev.weft.routing.authorization;

import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.Optional;

/**
 * Whom policies with the action CUSTOM ask, and about which requests. Immutable; any event loop may
 * ask.
 *
 * @param authorizer that all of them name
 * @param rules deny what has to be asked about
 */
public record Asking(ExternalAuthorizer authorizer, Authorization rules) {

  /**
   * The rule for which the authorizer is asked: {@code prod/login rule 1}; empty where it is not
   * asked.
   *
   * @param sent its headers as they go on
   * @param port of the workload
   */
  public Optional<String> about(RequestHead head, MultiMap sent, Caller caller, int port) {
    return told(rules.decide(head, sent, caller, port));
  }

  /**
   * Whether what {@link #about} told is that nobody can say how servers read the path: such a
   * request is denied, and nobody is asked.
   */
  public static boolean unreadable(String rule) {
    return rule.equals(Verdict.UNREADABLE.by());
  }

  /** As {@link #about}, with what of the request was decisive. */
  public Optional<String> explain(RequestHead head, MultiMap sent, Caller caller, int port) {
    return told(rules.explain(head, sent, caller, port));
  }

  private static Optional<String> told(Verdict verdict) {
    return verdict.allowed() ? Optional.empty() : Optional.of(verdict.rule());
  }
}
