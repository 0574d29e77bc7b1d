package dev.weft.routing.route;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpAction.WeightedDestination;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.Meta;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Action;
import dev.weft.routing.exchange.Decision.Direct;
import dev.weft.routing.exchange.Decision.Fault;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.Decision.RouteId;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.sticky.Cohorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One rule, ready to decide. Immutable; one instance serves every event loop.
 *
 * <p>It also tells a snapshot what the rule's stages need: {@link #rule()} and {@link #clusters()}.
 */
public final class CompiledRoute {

  private final RouteId id;
  private final Meta service;
  private final HttpRoute rule;
  private final List<ClusterName> clusters;
  private final List<ClusterName> mirrors;
  private final List<Forward> forwards;
  private final Optional<Forward> only; // where there is nothing to draw
  private final Optional<Shares> shares;
  private final Rewriter rewriter;
  private final Optional<Cohorts> cohorts;

  /**
   * @param clusters one for each destination of the rule, in their order
   * @param mirrors one for each mirror of the rule, in their order
   * @param sticky what its users are told apart by
   */
  CompiledRoute(
      RouteId id,
      Meta service,
      HttpRoute rule,
      List<ClusterName> clusters,
      List<ClusterName> mirrors,
      Optional<StickyKey> sticky) {
    this.id = id;
    this.service = service;
    this.rule = rule;
    this.clusters = List.copyOf(clusters);
    this.mirrors = List.copyOf(mirrors);
    List<Forward> all = new ArrayList<>();
    for (int i = 0; i < clusters.size(); i++) {
      all.add(new Forward(clusters.get(i), i));
    }
    this.forwards = List.copyOf(all);
    this.only = all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
    this.shares = all.size() < 2 ? Optional.empty() : Optional.of(new Shares(weights()));
    this.rewriter = new Rewriter(rule, destinations());
    this.cohorts = clusters.size() < 2 ? Optional.empty() : sticky.map(this::cohorts);
  }

  private Cohorts cohorts(StickyKey key) {
    return new Cohorts(
        key, id.name(), clusters.stream().map(ClusterName::toString).toList(), weights());
  }

  /** How its users stay on their versions; empty where each request is drawn by itself. */
  public Optional<Cohorts> cohorts() {
    return cohorts;
  }

  private List<Integer> weights() {
    return destinations().stream().map(WeightedDestination::weight).toList();
  }

  /** The rule's destinations; none where it answers by itself. */
  public List<WeightedDestination> destinations() {
    return rule.action() instanceof HttpAction.Route route ? route.destinations() : List.of();
  }

  public RouteId id() {
    return id;
  }

  /** The VirtualService that it stands in. */
  public Meta service() {
    return service;
  }

  public HttpRoute rule() {
    return rule;
  }

  /** One for each destination. */
  public List<ClusterName> clusters() {
    return clusters;
  }

  /** One for each mirror. */
  public List<ClusterName> mirrors() {
    return mirrors;
  }

  /**
   * @param prefix as in {@link Entry#prefix()}
   */
  Decision decide(RequestHead head, Caller caller, long seed, int prefix) {
    Action action = action(head, caller, seed, prefix);
    int destination = action instanceof Forward forward ? forward.destination() : -1;
    return new Decision(
        id,
        action,
        rewriter.target(head, prefix),
        rewriter.authority(head, destination),
        fault(seed),
        mirrors.isEmpty() ? mirrors : drawn(seed));
  }

  private Action action(RequestHead head, Caller caller, long seed, int prefix) {
    if (only.isPresent()) {
      return only.get();
    }
    if (shares.isPresent()) {
      String user = cohorts.isPresent() ? cohorts.get().user(head.headers(), seed) : null;
      if (user != null) {
        return forwards.get(cohorts.get().pick(user));
      }
      long draw = Draw.mix(seed, Draw.Purpose.DESTINATION, id.index());
      return forwards.get(shares.get().pick(draw));
    }
    if (rule.action() instanceof HttpAction.Redirect redirect) {
      return Redirects.answer(redirect, head, caller, prefix);
    }
    HttpAction.DirectResponse direct = (HttpAction.DirectResponse) rule.action();
    return new Direct(direct.status(), direct.body());
  }

  private Optional<Fault> fault(long seed) {
    if (rule.fault().isEmpty()) {
      return Optional.empty();
    }
    HttpRoute.Fault fault = rule.fault().get();
    long delayDraw = Draw.mix(seed, Draw.Purpose.DELAY, id.index());
    long abortDraw = Draw.mix(seed, Draw.Purpose.ABORT, id.index());
    Duration delay =
        fault
            .delay()
            .filter(d -> Draw.hits(delayDraw, d.perMillion()))
            .map(HttpRoute.Delay::fixed)
            .orElse(Duration.ZERO);
    Optional<HttpRoute.Abort> abort =
        fault.abort().filter(a -> Draw.hits(abortDraw, a.perMillion()));
    if (delay.isZero() && abort.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            delay,
            abort.map(HttpRoute.Abort::httpStatus).orElse(OptionalInt.empty()),
            abort.map(HttpRoute.Abort::grpcStatus).orElse(OptionalInt.empty())));
  }

  private List<ClusterName> drawn(long seed) {
    List<ClusterName> all = new ArrayList<>(mirrors.size());
    for (int i = 0; i < mirrors.size(); i++) {
      long draw = Draw.mix(seed, Draw.Purpose.MIRROR, id.index() * 31 + i);
      if (Draw.hits(draw, rule.mirrors().get(i).perMillion())) {
        all.add(mirrors.get(i));
      }
    }
    return all;
  }
}
