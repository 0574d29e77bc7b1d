package dev.weft.routing.authorization;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/**
 * All policies that hold at one place, compiled: whom a rule that denies matches is denied; then,
 * where there is a policy that allows, who is allowed by none is denied too.
 *
 * <p>{@link #decide} is a pure function: no I/O, no clock. It allocates one object for a request
 * where there are rules, and a few more for a path that servers may read in several ways.
 * Immutable; one instance serves every event loop.
 *
 * <p>Source: Istio security/v1 {@code AuthorizationPolicy}; the order CUSTOM, DENY, ALLOW.
 */
public final class Authorization {

  /** No policy at all. */
  public static final Authorization NONE =
      new Authorization(List.of(), List.of(), Verdict.OPEN, Reading.AS_WRITTEN);

  private static final RequestHead NO_REQUEST =
      new RequestHead("", "", "", "", "", HttpHeaders.headers());

  private final RuleIndex denies;
  private final RuleIndex allows;
  private final Verdict otherwise;
  private final Reading reading;

  /** Which readings of a path count. */
  enum Reading {
    /** Every one: denied where any is, allowed where all are. */
    ALL,
    AS_WRITTEN
  }

  /**
   * @param denies of all policies that deny, in their order
   * @param allows of all policies that allow, in their order
   * @param otherwise what becomes of what no rule matches
   */
  Authorization(
      List<CompiledRule> denies, List<CompiledRule> allows, Verdict otherwise, Reading reading) {
    this.denies = new RuleIndex(denies);
    this.allows = new RuleIndex(allows);
    this.otherwise = otherwise;
    this.reading = reading;
  }

  /** Whether everything may go on, whatever it is. */
  public boolean open() {
    return denies.rules().isEmpty() && otherwise.allowed();
  }

  /**
   * Whether a request may go on.
   *
   * @param sent its headers as they go on, without what its caller may not say
   * @param port of the workload
   */
  public Verdict decide(RequestHead head, MultiMap sent, Caller caller, int port) {
    return open() ? otherwise : decide(new Facts(head, sent, caller, port));
  }

  /**
   * Whether a connection may go on of which no request is known. To be asked of what was compiled
   * for connections.
   *
   * @param port of the workload
   */
  public Verdict decide(Caller caller, int port) {
    return open() ? otherwise : once(new Facts(NO_REQUEST, NO_REQUEST.headers(), caller, port));
  }

  /** As {@link #decide}, with what of the request was decisive: {@code path /admin/x, ...}. */
  public Verdict explain(RequestHead head, MultiMap sent, Caller caller, int port) {
    Facts facts = new Facts(head, sent, caller, port);
    Verdict verdict = decide(facts);
    List<CompiledRule> rules = (verdict.allowed() ? allows : denies).rules();
    Optional<String> told =
        rules.stream()
            .filter(rule -> rule.verdict().equals(verdict))
            .map(rule -> rule.told(facts))
            .filter(text -> !text.isEmpty())
            .findFirst();
    return told.map(text -> new Verdict(verdict.allowed(), verdict.by() + ": " + text))
        .orElse(verdict);
  }

  /** A server that takes methods in any case is one reading more. */
  private Verdict decide(Facts facts) {
    Verdict verdict = byPath(facts);
    if (!verdict.allowed() || reading == Reading.AS_WRITTEN || !facts.shout()) {
      return verdict;
    }
    facts.read(facts.asCame());
    Verdict other = byPath(facts);
    return other.allowed() ? verdict : other;
  }

  private Verdict byPath(Facts facts) {
    String path = facts.path();
    if (reading == Reading.AS_WRITTEN || PathReadings.plain(path)) {
      return once(facts);
    }
    Optional<List<String>> readings = PathReadings.of(path);
    if (readings.isEmpty()) {
      return Verdict.UNREADABLE;
    }
    Verdict first = Verdict.UNREADABLE;
    for (int i = 0; i < readings.get().size(); i++) {
      facts.read(readings.get().get(i));
      Verdict verdict = once(facts);
      if (!verdict.allowed()) {
        return verdict;
      }
      first = i == 0 ? verdict : first;
    }
    return first;
  }

  private Verdict once(Facts facts) {
    Verdict denied = denies.find(facts, Verdict.OPEN);
    return denied.allowed() ? allows.find(facts, otherwise) : denied;
  }
}
