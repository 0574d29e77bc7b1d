package dev.weft.kubernetes.discovery;

import static dev.weft.config.model.core.Service.ACCOUNTS;
import static dev.weft.config.model.core.Service.BY_PODS;
import static dev.weft.config.model.core.Service.IDENTITIES;
import static dev.weft.config.model.core.Service.OPAQUE_PORTS;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Service of the API server as the text that the loader reads, with what routing needs of it. A
 * Service of type ExternalName is a ServiceEntry whose one endpoint is looked up. Pure.
 */
final class ServiceText {

  /** The label by which a slice tells its Service. */
  static final String SERVICE_NAME = "kubernetes.io/service-name";

  private static final String EXTERNAL = "external-name-"; // before a Service's name

  private ServiceText() {}

  static String of(Service service) {
    ServiceSpec spec = service.getSpec();
    List<ServicePort> ports =
        spec.getPorts() == null
            ? List.of()
            : spec.getPorts().stream().filter(port -> tcp(port.getProtocol())).toList();
    String external = spec.getExternalName();
    return external != null && !external.isEmpty() && !ports.isEmpty()
        ? external(service.getMetadata(), ports, external)
        : own(service, ports);
  }

  private static String own(Service service, List<ServicePort> ports) {
    ServiceSpec spec = service.getSpec();
    JsonObject told = new JsonObject();
    put(told, "clusterIP", spec.getClusterIP());
    put(told, "externalName", spec.getExternalName());
    put(told, "sessionAffinity", spec.getSessionAffinity());
    put(told, "internalTrafficPolicy", spec.getInternalTrafficPolicy());
    put(told, "trafficDistribution", spec.getTrafficDistribution());
    if (spec.getClusterIPs() != null && !spec.getClusterIPs().isEmpty()) {
      told.put("clusterIPs", new JsonArray(spec.getClusterIPs()));
    }
    boolean selects = spec.getSelector() != null && !spec.getSelector().isEmpty();
    if (selects) {
      told.put("selector", new JsonObject(Map.copyOf(spec.getSelector())));
    }
    JsonArray all = new JsonArray();
    for (ServicePort port : ports) {
      JsonObject one = port(port);
      put(one, "appProtocol", port.getAppProtocol());
      IntOrString target = port.getTargetPort();
      put(one, "targetPort", target == null ? null : String.valueOf(target.getValue()));
      all.add(one);
    }
    JsonObject meta = meta(service.getMetadata());
    meta.put("annotations", annotations(service.getMetadata(), selects));
    return new JsonObject()
        .put("apiVersion", "v1")
        .put("kind", "Service")
        .put("metadata", meta)
        .put("spec", told.put("ports", all))
        .encode();
  }

  /** Who a pod is, pods say; where none is selected, the Service may. */
  private static JsonObject annotations(ObjectMeta meta, boolean selects) {
    Map<String, String> given = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
    JsonObject annotations = new JsonObject().put(IDENTITIES, BY_PODS);
    put(annotations, OPAQUE_PORTS, given.get(OPAQUE_PORTS));
    if (!selects) {
      put(annotations, ACCOUNTS, given.get(ACCOUNTS));
    }
    return annotations;
  }

  private static String external(ObjectMeta meta, List<ServicePort> ports, String name) {
    JsonArray all = new JsonArray();
    for (ServicePort port : ports) {
      JsonObject one = port(port).put("number", port.getPort());
      one.remove("port");
      if (port.getName() == null) {
        one.put("name", "tcp");
      }
      all.add(one);
    }
    String host = meta.getName() + "." + meta.getNamespace() + ".svc.cluster.local";
    JsonObject spec =
        new JsonObject()
            .put("hosts", new JsonArray().add(host))
            .put("location", "MESH_EXTERNAL")
            .put("resolution", "DNS")
            .put("ports", all)
            .put("endpoints", new JsonArray().add(new JsonObject().put("address", name)));
    return new JsonObject()
        .put("apiVersion", "networking.istio.io/v1")
        .put("kind", "ServiceEntry")
        .put("metadata", meta(meta).put("name", EXTERNAL + meta.getName()))
        .put("spec", spec)
        .encode();
  }

  private static JsonObject port(ServicePort port) {
    JsonObject one = new JsonObject().put("port", port.getPort());
    put(one, "name", port.getName());
    return one;
  }

  static JsonObject meta(ObjectMeta meta) {
    return new JsonObject().put("name", meta.getName()).put("namespace", meta.getNamespace());
  }

  /** Nothing else is proxied; what a port does not say is TCP. */
  static boolean tcp(@Nullable String protocol) {
    return protocol == null || protocol.equals("TCP");
  }

  private static void put(JsonObject object, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      object.put(name, value);
    }
  }
}
