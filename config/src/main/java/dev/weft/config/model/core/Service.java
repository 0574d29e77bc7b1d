package dev.weft.config.model.core;

import dev.weft.config.model.Meta;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A core/v1 Service; its host is {@code NAME.NAMESPACE.svc.cluster.local}.
 *
 * @param selector of its pods; empty for none
 * @param externalName of a Service of type ExternalName; empty otherwise
 * @param addresses that clients of the cluster use for it; empty where it has none of its own
 * @param headless whether clients choose among its pods themselves
 * @param serviceAccounts that its pods run as, in its own namespace: the annotation {@link
 *     #ACCOUNTS}; empty where it does not say, and its pods are then taken to be outside the mesh
 */
public record Service(
    Meta meta,
    List<Port> ports,
    Map<String, String> selector,
    String externalName,
    List<String> addresses,
    boolean headless,
    Set<String> serviceAccounts) {

  /** Istio's annotation that names the accounts which may run a Service, separated by commas. */
  public static final String ACCOUNTS = "alpha.istio.io/kubernetes-serviceaccounts";

  /** Our annotation: {@link #BY_PODS} where each endpoint tells for itself who it is. */
  public static final String IDENTITIES = "weft.dev/identities";

  /** See {@link #IDENTITIES}: an endpoint that tells no account is outside the mesh. */
  public static final String BY_PODS = "pods";

  /** Linkerd's annotation that lists ports, and ranges of them, whose bytes are carried as TCP. */
  public static final String OPAQUE_PORTS = "config.linkerd.io/opaque-ports";

  public Service {
    ports = List.copyOf(ports);
    selector = Map.copyOf(selector);
    addresses = List.copyOf(addresses);
    serviceAccounts = Set.copyOf(serviceAccounts);
  }

  /**
   * @param appProtocol empty where there is none
   * @param opaque whether what it speaks is nobody's business: {@link #OPAQUE_PORTS}
   * @param targetPort a number or the name of a container's port; empty for the same number
   */
  public record Port(
      String name, int number, String appProtocol, boolean opaque, String targetPort) {}

  /** The full name, with the mesh's default domain. */
  public String host() {
    return meta.name() + "." + meta.namespace() + ".svc.cluster.local";
  }
}
