package dev.weft.routing.process.lint.policy;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.authorization.Verdict;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to a workload, asked of what policies are compiled to.
 *
 * @param port of the workload
 * @param told for people
 */
record Probe(RequestHead head, Caller caller, int port, String told) {

  /** Whether a rule by itself matches it. */
  boolean matches(AuthorizationPolicy policy, Rule rule) {
    Action action = policy.action() == Action.ALLOW ? Action.ALLOW : Action.DENY;
    boolean allowed = asked(List.of(with(policy, action, List.of(rule)))).allowed();
    return allowed == (action == Action.ALLOW);
  }

  /** What policies say of it where they hold. */
  Verdict asked(List<AuthorizationPolicy> policies) {
    return compiled(policies).requests().decide(head, head.headers(), caller, port);
  }

  /** Whether a rule that allows lets its caller's connection in, of which no request is known. */
  boolean connects(AuthorizationPolicy policy, Rule rule) {
    return compiled(List.of(with(policy, Action.ALLOW, List.of(rule))))
        .connections()
        .decide(caller, port)
        .allowed();
  }

  /** The policy where it holds whatever it is attached to. */
  static AuthorizationPolicy everywhere(AuthorizationPolicy policy) {
    return with(policy, policy.action(), policy.rules());
  }

  private static AuthorizationPolicy with(
      AuthorizationPolicy policy, Action action, List<Rule> rules) {
    return new AuthorizationPolicy(
        policy.meta(), Map.of(), List.of(), action, false, Optional.empty(), rules);
  }

  /** At a workload of the first one's namespace. */
  private static AuthorizationCompiler compiled(List<AuthorizationPolicy> policies) {
    MeshConfig none = MeshConfig.EMPTY;
    MeshConfig config =
        new MeshConfig(
            none.virtualServices(),
            none.destinationRules(),
            none.gateways(),
            none.serviceEntries(),
            none.workloadEntries(),
            none.peerAuthentications(),
            none.sidecars(),
            policies,
            none.requestAuthentications(),
            none.proxySettings(),
            none.telemetries(),
            none.services(),
            none.endpointSlices(),
            none.secrets());
    Workload workload =
        new Workload(policies.get(0).meta().namespace(), "default", "cluster.local", Map.of());
    return new AuthorizationCompiler(config, workload, Ambiguous.STRICT);
  }
}
