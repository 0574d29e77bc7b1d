package dev.weft.config.model.security;

import dev.weft.config.model.Meta;
import dev.weft.config.problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may do what at a workload.
 *
 * <p>Source: Istio security/v1 {@code AuthorizationPolicy}.
 *
 * @param selector of workloads; empty for the whole namespace, or for the mesh in the root one
 * @param targets what it is attached to instead; empty where it says none
 * @param dryRun whether it only tells what it would do
 * @param provider who is asked where the action is {@link Action#CUSTOM}
 * @param rules none matches nothing, so that an ALLOW policy without rules denies everything
 */
public record AuthorizationPolicy(
    Meta meta,
    Map<String, String> selector,
    List<Target> targets,
    Action action,
    boolean dryRun,
    Optional<String> provider,
    List<Rule> rules) {

  public AuthorizationPolicy {
    selector = Map.copyOf(selector);
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
  }

  /** What becomes of a request that a rule matches. */
  public enum Action {
    ALLOW,
    DENY,
    /** Never keeps anything away. */
    AUDIT,
    /** An external authorizer decides. */
    CUSTOM
  }

  /** What a policy may be attached to. */
  public enum TargetKind {
    GATEWAY("Gateway"),
    GATEWAY_CLASS("GatewayClass"),
    SERVICE("Service"),
    SERVICE_ENTRY("ServiceEntry");

    private final String word;

    TargetKind(String word) {
      this.word = word;
    }

    /** As resources spell it. */
    public String word() {
      return word;
    }
  }

  /** A resource of the policy's namespace; a GatewayClass is of none. */
  public record Target(TargetKind kind, String name) {}

  /**
   * Matches where one of {@code from}, one of {@code to} and all of {@code when} do; an empty list
   * asks for nothing.
   */
  public record Rule(Place place, List<Source> from, List<Operation> to, List<When> when) {

    public Rule {
      from = List.copyOf(from);
      to = List.copyOf(to);
      when = List.copyOf(when);
    }
  }

  /**
   * Of one field: some of which one must match, and some of which none may.
   *
   * @param in empty where everything will do
   * @param not may be empty
   */
  public record Values(List<String> in, List<String> not) {

    /** Asks for nothing. */
    public static final Values ANY = new Values(List.of(), List.of());

    public Values {
      in = List.copyOf(in);
      not = List.copyOf(not);
    }

    /** Whether it asks for anything. */
    public boolean given() {
      return !in.isEmpty() || !not.isEmpty();
    }
  }

  /**
   * Who asks; all fields must match.
   *
   * @param serviceAccounts {@code namespace/account}, without wildcards
   * @param ipBlocks of the connection's other end
   * @param remoteIpBlocks of whom trusted proxies speak for
   */
  public record Source(
      Values principals,
      Values requestPrincipals,
      Values namespaces,
      Values serviceAccounts,
      Values ipBlocks,
      Values remoteIpBlocks) {}

  /** What is asked for; all fields must match. */
  public record Operation(Values hosts, Values ports, Values methods, Values paths) {}

  /**
   * A further condition.
   *
   * @param key e.g. {@code request.headers[x-role]}
   */
  public record When(String key, Values values) {}
}
