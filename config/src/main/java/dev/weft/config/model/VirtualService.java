package dev.weft.config.model;

import java.util.List;

/**
 * Rules for the requests to some hosts.
 *
 * <p>Source: Istio networking/v1 {@code VirtualService}.
 *
 * @param hosts full names in lower case, {@code *.suffix}, {@code *} or an address; empty for a
 *     delegate
 * @param gateways {@code mesh} or {@code namespace/name}, never empty
 * @param exportTo namespaces, {@code *} for all; {@code .} is already the own namespace
 * @param http in order, the first that matches wins; delegates are already merged in
 */
public record VirtualService(
    Meta meta,
    List<String> hosts,
    List<String> gateways,
    List<String> exportTo,
    List<HttpRoute> http) {

  /** The gateway name that means every sidecar. */
  public static final String MESH = "mesh";

  public VirtualService {
    hosts = List.copyOf(hosts);
    gateways = List.copyOf(gateways);
    exportTo = List.copyOf(exportTo);
    http = List.copyOf(http);
  }

  /** A rule's name for people: {@code prod/search#beta}, or {@code prod/search#0} without one. */
  public String ruleName(int index) {
    String own = http.get(index).name();
    return meta.qualifiedName() + "#" + (own.isEmpty() ? Integer.toString(index) : own);
  }
}
