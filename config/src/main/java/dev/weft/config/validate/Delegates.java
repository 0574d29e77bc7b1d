package dev.weft.config.validate;

import dev.weft.config.model.HeaderEdits;
import dev.weft.config.model.HttpAction.Delegate;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the rules of delegates where they are delegated to, one level deep, so that no engine sees a
 * delegate.
 *
 * <p>Source: Istio networking/v1 {@code Delegate}; merging as in {@code SEMANTICS}: a delegate's
 * match must lie within a match of its root, its own policies win, the root's fill the gaps.
 */
public final class Delegates {

  private static final String MEANWHILE = "until then its requests go to rules below, or get 404";

  private final Map<String, VirtualService> byName = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private final Problems problems;

  private Delegates(MeshConfig config, Problems problems) {
    this.problems = problems;
    config.virtualServices().forEach(vs -> byName.put(vs.meta().qualifiedName(), vs));
  }

  /** {@code config} without delegates. */
  public static MeshConfig merge(MeshConfig config, Problems problems) {
    Delegates delegates = new Delegates(config, problems);
    List<VirtualService> merged = new ArrayList<>();
    for (VirtualService service : config.virtualServices()) {
      if (!service.hosts().isEmpty()) {
        merged.add(delegates.merged(service));
      }
    }
    delegates.unused(config);
    return new MeshConfig(
        merged,
        config.destinationRules(),
        config.gateways(),
        config.serviceEntries(),
        config.workloadEntries(),
        config.peerAuthentications(),
        config.sidecars(),
        config.authorizationPolicies(),
        config.requestAuthentications(),
        config.proxySettings(),
        config.telemetries(),
        config.services(),
        config.endpointSlices(),
        config.secrets());
  }

  private void unused(MeshConfig config) {
    for (VirtualService service : config.virtualServices()) {
      if (service.hosts().isEmpty() && !used.contains(service.meta().qualifiedName())) {
        problems.warning(
            Codes.DELEGATE,
            service.meta().place(),
            "spec",
            "no hosts, and no VirtualService delegates to it: its rules hold nowhere",
            "write hosts, or delegate to it");
      }
    }
  }

  private VirtualService merged(VirtualService root) {
    if (root.http().stream().noneMatch(rule -> rule.action() instanceof Delegate)) {
      return root;
    }
    Rules rules = new Rules(root, new ArrayList<>(), new ArrayList<>());
    for (HttpRoute rule : root.http()) {
      if (rule.action() instanceof Delegate to) {
        delegated(rules, rule, to);
      } else {
        rules.held.add(rule);
      }
    }
    return root.with(rules.held, rules.lost);
  }

  /** What becomes of a root's rules. */
  private record Rules(VirtualService root, List<HttpRoute> held, List<HttpRoute> lost) {}

  private void delegated(Rules rules, HttpRoute rule, Delegate to) {
    String name = to.namespace() + "/" + to.name();
    Optional<VirtualService> found = Optional.ofNullable(byName.get(name));
    if (found.isEmpty()) {
      String message = "delegate VirtualService " + name + " does not exist";
      lose(rules, rule, message, "write one; " + MEANWHILE);
      return;
    }
    VirtualService delegate = found.get();
    if (!delegate.hosts().isEmpty()) {
      lose(rules, rule, "delegate " + name + " has hosts of its own", "a delegate has none");
      return;
    }
    used.add(name);
    String here = rules.root.meta().namespace();
    if (!delegate.exportTo().contains("*") && !delegate.exportTo().contains(here)) {
      String message = "delegate " + name + " is not exported here";
      lose(rules, rule, message, "add " + here + " to its exportTo; " + MEANWHILE);
      return;
    }
    for (HttpRoute inner : delegate.http()) {
      if (inner.action() instanceof Delegate) {
        HttpRoute asked = inner.matches().isEmpty() ? filled(rule, inner, rule.matches()) : inner;
        lose(rules, asked, "delegate " + name + " delegates on", "only one level is possible");
      } else {
        within(rules, rule, inner);
      }
    }
  }

  private void lose(Rules rules, HttpRoute rule, String message, String hint) {
    rules.lost.add(rule);
    problems.warning(Codes.DELEGATE, rule.place(), "spec.http", message, hint);
  }

  private void within(Rules rules, HttpRoute root, HttpRoute inner) {
    List<HttpMatch> matches = new ArrayList<>();
    if (inner.matches().isEmpty()) {
      root.matches().forEach(match -> matches.add(match.at(inner.place())));
    }
    for (HttpMatch match : inner.matches()) {
      List<HttpMatch> narrowed = narrowed(rules.root, root.matches(), match);
      if (narrowed.isEmpty()) {
        String message = "a match that lies outside of its root's";
        lose(rules, inner, message, "the whole rule holds nowhere");
        return;
      }
      matches.addAll(narrowed);
    }
    rules.held.add(filled(root, inner, matches));
  }

  private static HttpRoute filled(HttpRoute root, HttpRoute inner, List<HttpMatch> matches) {
    String name =
        root.name().isEmpty() || inner.name().isEmpty()
            ? root.name() + inner.name()
            : root.name() + "-" + inner.name();
    return new HttpRoute(
        name,
        matches,
        inner.action(),
        inner.rewrite().or(root::rewrite),
        inner.headers().equals(HeaderEdits.NONE) ? root.headers() : inner.headers(),
        inner.timeout().or(root::timeout),
        inner.retries().or(root::retries),
        inner.fault().or(root::fault),
        inner.mirrors().isEmpty() ? root.mirrors() : inner.mirrors(),
        inner.cors().or(root::cors),
        inner.place());
  }

  /** What is left of a delegate's match within each of its root's; none where it lies outside. */
  private static List<HttpMatch> narrowed(
      VirtualService service, List<HttpMatch> roots, HttpMatch inner) {
    if (roots.isEmpty()) {
      boolean here = service.gateways().containsAll(inner.gateways());
      return here ? List.of(inner) : List.of();
    }
    return roots.stream()
        .filter(root -> covers(root, inner))
        .filter(root -> gateways(service, root).containsAll(inner.gateways()))
        .map(root -> both(root, inner))
        .toList();
  }

  private static List<String> gateways(VirtualService service, HttpMatch root) {
    return root.gateways().isEmpty() ? service.gateways() : root.gateways();
  }

  private static boolean covers(HttpMatch root, HttpMatch inner) {
    return covers(root.uri(), inner.uri())
        && root.ignoreUriCase() == inner.ignoreUriCase()
        && covers(root.method(), inner.method())
        && covers(root.scheme(), inner.scheme())
        && covers(root.authority(), inner.authority())
        && samePlace(root, inner)
        && named(root, inner);
  }

  private static boolean samePlace(HttpMatch root, HttpMatch inner) {
    boolean port =
        root.port().isEmpty() || inner.port().isEmpty() || root.port().equals(inner.port());
    String one = root.sourceNamespace();
    String other = inner.sourceNamespace();
    return port && (one.isEmpty() || other.isEmpty() || one.equals(other));
  }

  private static boolean named(HttpMatch root, HttpMatch inner) {
    return cover(root.headers(), inner.headers())
        && agree(root.withoutHeaders(), inner.withoutHeaders())
        && cover(root.queryParams(), inner.queryParams())
        && agree(root.sourceLabels(), inner.sourceLabels());
  }

  private static boolean cover(Map<String, StringMatch> root, Map<String, StringMatch> inner) {
    return root.entrySet().stream()
        .allMatch(
            e -> covers(Optional.of(e.getValue()), Optional.ofNullable(inner.get(e.getKey()))));
  }

  private static <V> boolean agree(Map<String, V> root, Map<String, V> inner) {
    return root.entrySet().stream()
        .allMatch(e -> e.getValue().equals(inner.getOrDefault(e.getKey(), e.getValue())));
  }

  /** Whether all that is {@code inner} is {@code root}; of two regexes nobody can tell. */
  private static boolean covers(Optional<StringMatch> root, Optional<StringMatch> inner) {
    if (root.isEmpty() || inner.isEmpty()) {
      return true;
    }
    StringMatch narrow = inner.get();
    if (root.get() instanceof StringMatch.Regex || narrow instanceof StringMatch.Regex) {
      return false;
    }
    if (root.get() instanceof StringMatch.Prefix prefix) {
      return (narrow instanceof StringMatch.Prefix p && p.value().startsWith(prefix.value()))
          || (narrow instanceof StringMatch.Exact e && e.value().startsWith(prefix.value()));
    }
    return root.get() instanceof StringMatch.Present || root.equals(inner);
  }

  private static HttpMatch both(HttpMatch root, HttpMatch inner) {
    return new HttpMatch(
        root.name().isEmpty() || inner.name().isEmpty()
            ? root.name() + inner.name()
            : root.name() + "-" + inner.name(),
        inner.uri().or(root::uri),
        inner.scheme().or(root::scheme),
        inner.method().or(root::method),
        inner.authority().or(root::authority),
        union(root.headers(), inner.headers()),
        union(root.withoutHeaders(), inner.withoutHeaders()),
        union(root.queryParams(), inner.queryParams()),
        inner.port().isPresent() ? inner.port() : root.port(),
        union(root.sourceLabels(), inner.sourceLabels()),
        inner.sourceNamespace().isEmpty() ? root.sourceNamespace() : inner.sourceNamespace(),
        inner.gateways().isEmpty() ? root.gateways() : inner.gateways(),
        inner.ignoreUriCase(),
        inner.place());
  }

  private static <V> Map<String, V> union(Map<String, V> root, Map<String, V> inner) {
    Map<String, V> all = new HashMap<>(root);
    all.putAll(inner);
    return all;
  }
}
