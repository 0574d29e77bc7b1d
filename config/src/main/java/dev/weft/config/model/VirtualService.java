package dev.weft.config.model;

import dev.weft.config.model.tcp.ConnectionRoute;
import java.util.List;

/**
 * Rules for the requests and connections to some hosts.
 *
 * <p>Source: Istio networking/v1 {@code VirtualService}.
 *
 * @param hosts full names in lower case, {@code *.suffix}, {@code *} or an address; empty for a
 *     delegate
 * @param gateways {@code mesh} or {@code namespace/name}, never empty
 * @param exportTo namespaces, {@code *} for all; {@code .} is already the own namespace
 * @param http in order, the first that matches wins; delegates are already merged in
 * @param tls likewise, for TLS that is carried as it is
 * @param tcp likewise, for what is neither HTTP nor taken by {@code tls}
 * @param lost rules for HTTP that hold nowhere, since their delegate is missing or does not fit
 */
public record VirtualService(
    Meta meta,
    List<String> hosts,
    List<String> gateways,
    List<String> exportTo,
    List<HttpRoute> http,
    List<ConnectionRoute> tls,
    List<ConnectionRoute> tcp,
    List<HttpRoute> lost) {

  /** The gateway name that means every sidecar. */
  public static final String MESH = "mesh";

  public VirtualService {
    hosts = List.copyOf(hosts);
    gateways = List.copyOf(gateways);
    exportTo = List.copyOf(exportTo);
    http = List.copyOf(http);
    tls = List.copyOf(tls);
    tcp = List.copyOf(tcp);
    lost = List.copyOf(lost);
  }

  /** The same with other rules for HTTP, and those that were lost. */
  public VirtualService with(List<HttpRoute> rules, List<HttpRoute> without) {
    return new VirtualService(meta, hosts, gateways, exportTo, rules, tls, tcp, without);
  }

  /** A rule's name for people: {@code prod/search#beta}, or {@code prod/search#0} without one. */
  public String ruleName(int index) {
    String own = http.get(index).name();
    return meta.qualifiedName() + "#" + (own.isEmpty() ? Integer.toString(index) : own);
  }

  /**
   * The same of a rule for connections: {@code prod/db#tcp[0]}.
   *
   * @param kind {@code tls} or {@code tcp}
   */
  public String ruleName(String kind, int index) {
    return meta.qualifiedName() + "#" + kind + "[" + index + "]";
  }
}
