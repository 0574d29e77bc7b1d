package dev.weft.config.model.core;

import dev.weft.config.model.Meta;
import java.util.List;
import java.util.Map;

/**
 * A core/v1 Service; its host is {@code NAME.NAMESPACE.svc.cluster.local}.
 *
 * @param selector of its pods; empty for none
 * @param externalName of a Service of type ExternalName; empty otherwise
 */
public record Service(
    Meta meta, List<Port> ports, Map<String, String> selector, String externalName) {

  public Service {
    ports = List.copyOf(ports);
    selector = Map.copyOf(selector);
  }

  /**
   * @param appProtocol empty where there is none
   * @param targetPort a number or the name of a container's port; empty for the same number
   */
  public record Port(String name, int number, String appProtocol, String targetPort) {}

  /** The full name, with the mesh's default domain. */
  public String host() {
    return meta.name() + "." + meta.namespace() + ".svc.cluster.local";
  }
}
