package dev.weft.routing.stage.edge;

import dev.weft.config.model.HttpRoute.CorsPolicy;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.settings.edge.ApiKeys;
import dev.weft.config.model.settings.edge.EdgePolicy;
import dev.weft.config.model.settings.edge.SecurityHeaders;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Stage;
import dev.weft.routing.route.CompiledRoute;
import dev.weft.routing.stage.CorsStage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a gateway asks of the callers of each rule and tells them: what the settings of the rule
 * say, and for all else what {@code spec.edge} says. Rules of which the same is said share their
 * stages. One thread at a time.
 */
public final class EdgePolicies {

  /** Nothing is asked of anybody. */
  public static final EdgePolicies NONE = new EdgePolicies(Settings.DEFAULT);

  private final EdgePolicy wide;
  private final List<RouteSettings> routes;
  private final EdgeMemory memory;
  private final List<String> parameters; // that hold keys, of some rules or all
  private final EdgeStages common;
  private final EdgeStages commonWithoutCors;
  private final Map<EdgePolicy, EdgeStages> made = new HashMap<>();

  /** For explanations: it knows nobody. */
  public EdgePolicies(Settings settings) {
    this(settings, new EdgeMemory());
  }

  /**
   * @param memory of the process
   */
  public EdgePolicies(Settings settings, EdgeMemory memory) {
    this.memory = memory;
    this.wide = settings.edge().policy();
    this.routes =
        settings.routes().stream().filter(entry -> !entry.edge().equals(EdgePolicy.NONE)).toList();
    this.parameters =
        Stream.concat(Stream.of(wide), routes.stream().map(RouteSettings::edge))
            .flatMap(policy -> policy.apiKeys().flatMap(ApiKeys::query).stream())
            .distinct()
            .toList();
    this.common = stages(wide);
    this.commonWithoutCors = stages(wide.withoutCors());
  }

  /** Whether nothing is asked at all. */
  public boolean none() {
    return wide.equals(EdgePolicy.NONE) && routes.isEmpty();
  }

  /** What holds for what no rule matched; of which rule its key is nobody knows. */
  public EdgeStages wide() {
    return hiding(common);
  }

  /** What holds for whom a policy denies: no script of another origin is told of that. */
  public EdgeStages denied() {
    return hiding(commonWithoutCors);
  }

  private EdgeStages hiding(EdgeStages stages) {
    return parameters.isEmpty() ? stages : stages.below(new HideKeysStage(parameters));
  }

  /** What holds for a rule; the same object where it is the same. */
  public EdgeStages of(CompiledRoute rule) {
    Optional<CorsPolicy> own = rule.rule().cors();
    if (entries(rule).isEmpty() && (own.isEmpty() || !wide.asksForCredentials())) {
      return own.isPresent() ? commonWithoutCors : common;
    }
    EdgePolicy policy = policy(rule);
    return stages(
        own.isPresent() && policy.asksForCredentials()
            ? policy.withCors(own) // above them too: a preflight has none
            : policy);
  }

  /** What is said for a rule; what it says itself of other origins is not in it. */
  public EdgePolicy policy(CompiledRoute rule) {
    EdgePolicy policy = EdgePolicy.NONE;
    for (RouteSettings entry : entries(rule)) { // the nearest first
      policy = policy.within(entry.edge());
    }
    policy = policy.within(wide);
    return rule.rule().cors().isPresent() ? policy.withoutCors() : policy;
  }

  private List<RouteSettings> entries(CompiledRoute rule) {
    if (routes.isEmpty()) {
      return routes;
    }
    List<String> hosts = rule.clusters().stream().map(ClusterName::host).toList();
    return routes.stream().filter(entry -> entry.match().holds(rule.id().name(), hosts)).toList();
  }

  private EdgeStages stages(EdgePolicy policy) {
    return made.computeIfAbsent(policy, this::made);
  }

  /** The order, with its reasons. */
  private EdgeStages made(EdgePolicy policy) {
    List<Stage> telling = new ArrayList<>();
    Optional<ApiKeys> keys = policy.apiKeys().filter(any -> !any.keys().isEmpty());
    keys.flatMap(ApiKeys::query)
        .map(name -> new HideKeysStage(List.of(name)))
        .ifPresent(telling::add); // outermost: who is refused before has shown one too
    policy
        .securityHeaders()
        .filter(headers -> !headers.equals(SecurityHeaders.NONE))
        .map(SecurityHeadersStage::new)
        .ifPresent(telling::add);
    List<Stage> asking = new ArrayList<>();
    Addresses addresses = Addresses.of(policy);
    if (!addresses.any()) {
      asking.add(new AddressStage(addresses)); // first: who may not come learns nothing
    }
    policy
        .cors()
        .map(CorsStage::new)
        .ifPresent(asking::add); // a preflight has no credentials; it marks 401
    keys.map(ApiKeyStage::new).ifPresent(asking::add); // above passwords, which cost more
    policy
        .basicAuth()
        .filter(basic -> !basic.users().isEmpty())
        .map(basic -> new BasicAuthStage(basic, memory.of(basic)))
        .ifPresent(asking::add);
    return telling.isEmpty() && asking.isEmpty()
        ? EdgeStages.NONE
        : new EdgeStages(telling, asking);
  }
}
