package dev.weft.routing.route;

import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.match.Authorities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All rules that hold at one place: the mesh as one workload sees it, or a port of a gateway.
 *
 * <p>{@link #decide} is a pure function: no I/O, no clock, no hidden randomness. The gateway, the
 * sidecar, {@code weft explain} and the simulator call this one, so that they can never disagree.
 * It looks up host, then path, then the exact values that most rules of a bucket share, and stays
 * flat from 10 to 10,000 rules; it gives the answer that trying all rules in their order would.
 *
 * <p>Immutable; one instance serves every event loop.
 */
public final class RouteTable {

  /** No rule at all: everything is 404. */
  public static final RouteTable EMPTY = new RouteTable(List.of(), Map.of(), Map.of());

  private final List<CompiledRoute> routes;
  private final Map<String, VirtualHost> exact;
  private final Map<String, VirtualHost> suffixes;
  private final @Nullable VirtualHost any;

  /**
   * @param routes by {@code RouteId.index}
   * @param exact by full host
   * @param suffixes by what follows {@code *.}; the empty text stands for {@code *}
   */
  RouteTable(
      List<CompiledRoute> routes,
      Map<String, VirtualHost> exact,
      Map<String, VirtualHost> suffixes) {
    this.routes = List.copyOf(routes);
    this.exact = Map.copyOf(exact);
    this.suffixes = Map.copyOf(suffixes);
    this.any = suffixes.get("");
  }

  /**
   * What becomes of a request.
   *
   * @param seed 64 random bits of this hop
   * @param sink hears every rule tried; {@link DecisionSink#NONE} when serving
   */
  public Decision decide(RequestHead head, Caller caller, long seed, DecisionSink sink) {
    return decide(head.authority(), head, caller, seed, sink);
  }

  /**
   * As the other, by the rules for {@code authority}, whatever the caller called it.
   *
   * @param authority host, and port where it has one
   */
  public Decision decide(
      String authority, RequestHead head, Caller caller, long seed, DecisionSink sink) {
    VirtualHost host = host(authority);
    if (host == null) {
      return Decision.noRoute(head);
    }
    Entry entry =
        sink == DecisionSink.NONE ? host.find(head, caller) : host.explain(head, caller, sink);
    return entry == null
        ? Decision.noRoute(head)
        : entry.route().decide(head, caller, seed, entry.prefix());
  }

  /**
   * Hosts that have their rules in common, sorted, and what is tried for them, in that order.
   *
   * @param hosts full names, {@code *.SUFFIX} or {@code *}
   */
  public record HostRules(List<String> hosts, List<Entry> entries) {
    public HostRules {
      hosts = List.copyOf(hosts);
      entries = List.copyOf(entries);
    }
  }

  /** The rules of all hosts, by the first of the hosts. */
  public List<HostRules> hostRules() {
    Map<VirtualHost, List<String>> byRules = new LinkedHashMap<>();
    hosts()
        .forEach(
            host -> byRules.computeIfAbsent(virtual(host), any -> new ArrayList<>()).add(host));
    return byRules.entrySet().stream()
        .map(one -> new HostRules(one.getValue(), one.getKey().entries()))
        .toList();
  }

  /** All rules, by {@code RouteId.index}. */
  public List<CompiledRoute> routes() {
    return routes;
  }

  /** The hosts that there are rules for, sorted. */
  public List<String> hosts() {
    Stream<String> wild = suffixes.keySet().stream().map(one -> one.isEmpty() ? "*" : "*." + one);
    return Stream.concat(exact.keySet().stream(), wild).sorted().toList();
  }

  /** The hosts that a rule of {@link #routes} is tried for, sorted. */
  public List<String> hosts(CompiledRoute route) {
    return hosts().stream().filter(host -> virtual(host).routes().contains(route)).toList();
  }

  private VirtualHost virtual(String host) {
    VirtualHost found = exact.get(host);
    String suffix = host.equals("*") ? "" : host.substring(host.startsWith("*.") ? 2 : 0);
    return found != null ? found : Objects.requireNonNull(suffixes.get(suffix));
  }

  private @Nullable VirtualHost host(String authority) {
    VirtualHost found = exact.get(authority);
    if (found != null) {
      return found;
    }
    String name = Authorities.lower(Authorities.host(authority));
    found = exact.get(name);
    if (found != null || suffixes.isEmpty()) {
      return found;
    }
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      found = suffixes.get(name.substring(dot + 1));
      if (found != null && dot + 1 < name.length()) {
        return found;
      }
    }
    return any;
  }
}
