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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts the rules of delegates where they are delegated to, one level deep, so that no engine sees a
 * delegate.
 *
 * <p>Source: Istio networking/v1 {@code Delegate}; merging as in {@code SEMANTICS}: a delegate's
 * match must lie within a match of its root, its own policies win, the root's fill the gaps.
 */
public final class Delegates {

  private final Map<String, VirtualService> byName = new HashMap<>();
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
    return new MeshConfig(
        merged,
        config.destinationRules(),
        config.gateways(),
        config.serviceEntries(),
        config.workloadEntries(),
        config.peerAuthentications(),
        config.services(),
        config.endpointSlices(),
        config.secrets());
  }

  private VirtualService merged(VirtualService root) {
    List<HttpRoute> rules = new ArrayList<>();
    for (HttpRoute rule : root.http()) {
      if (rule.action() instanceof Delegate to) {
        rules.addAll(delegated(rule, to));
      } else {
        rules.add(rule);
      }
    }
    return new VirtualService(root.meta(), root.hosts(), root.gateways(), root.exportTo(), rules);
  }

  private List<HttpRoute> delegated(HttpRoute rule, Delegate to) {
    String name = to.namespace() + "/" + to.name();
    Optional<VirtualService> found = Optional.ofNullable(byName.get(name));
    if (found.isEmpty()) {
      warn(rule, "delegate VirtualService " + name + " does not exist", "its requests get 404");
      return List.of();
    }
    VirtualService delegate = found.get();
    if (!delegate.hosts().isEmpty()) {
      warn(rule, "delegate " + name + " has hosts of its own", "a delegate has none");
      return List.of();
    }
    List<HttpRoute> all = new ArrayList<>();
    for (HttpRoute inner : delegate.http()) {
      if (inner.action() instanceof Delegate) {
        warn(inner, "delegate " + name + " delegates on", "only one level is possible");
      } else {
        within(rule, inner).ifPresent(all::add);
      }
    }
    return all;
  }

  private void warn(HttpRoute rule, String message, String hint) {
    problems.warning(Codes.DELEGATE, rule.place(), "spec.http", message, hint);
  }

  private Optional<HttpRoute> within(HttpRoute root, HttpRoute inner) {
    List<HttpMatch> matches = new ArrayList<>();
    if (root.matches().isEmpty()) {
      matches.addAll(inner.matches());
    } else if (inner.matches().isEmpty()) {
      matches.addAll(root.matches());
    } else {
      for (HttpMatch match : inner.matches()) {
        Optional<HttpMatch> narrowed = narrowed(root.matches(), match);
        if (narrowed.isEmpty()) {
          warn(inner, "a match that lies outside of its root's", "it holds for no request");
        }
        narrowed.ifPresent(matches::add);
      }
      if (matches.isEmpty()) {
        return Optional.empty();
      }
    }
    return Optional.of(filled(root, inner, matches));
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

  private static Optional<HttpMatch> narrowed(List<HttpMatch> roots, HttpMatch inner) {
    return roots.stream()
        .filter(root -> covers(root, inner))
        .findFirst()
        .map(root -> both(root, inner));
  }

  private static boolean covers(HttpMatch root, HttpMatch inner) {
    return covers(root.uri(), inner.uri())
        && compatible(root.method(), inner.method())
        && compatible(root.scheme(), inner.scheme())
        && compatible(root.authority(), inner.authority())
        && (root.port().isEmpty() || inner.port().isEmpty() || root.port().equals(inner.port()))
        && root.headers().entrySet().stream()
            .allMatch(
                e -> e.getValue().equals(inner.headers().getOrDefault(e.getKey(), e.getValue())));
  }

  private static boolean covers(Optional<StringMatch> root, Optional<StringMatch> inner) {
    if (root.isEmpty() || inner.isEmpty() || root.equals(inner)) {
      return true;
    }
    if (!(root.get() instanceof StringMatch.Prefix prefix)) {
      return false;
    }
    return (inner.get() instanceof StringMatch.Prefix p && p.value().startsWith(prefix.value()))
        || (inner.get() instanceof StringMatch.Exact e && e.value().startsWith(prefix.value()));
  }

  private static boolean compatible(Optional<StringMatch> root, Optional<StringMatch> inner) {
    return root.isEmpty() || inner.isEmpty() || root.equals(inner);
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
        root.gateways(),
        inner.ignoreUriCase() || root.ignoreUriCase(),
        inner.place());
  }

  private static <V> Map<String, V> union(Map<String, V> root, Map<String, V> inner) {
    Map<String, V> all = new HashMap<>(root);
    all.putAll(inner);
    return all;
  }
}
