package dev.weft.kubernetes.discovery;

import static dev.weft.config.model.core.EndpointSlice.ACCOUNT;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The endpoints of one Service, as its slices and pods tell them: those that are ready, or, where
 * none is, those that serve while they end, as kube-proxy does. Pure.
 *
 * <p>An endpoint inside the mesh tells its pod's account. One whose pod is not known is left out:
 * it might be inside, and must not be reached in plaintext.
 *
 * @param text EndpointSlices for the loader; empty where there are no endpoints to reach
 * @param emptied whether that is so because nothing is listed at all, or pods are not known; and
 *     not since the pods are said to be unready
 * @param pods that were asked for, as {@code NAMESPACE/NAME}
 */
record Listed(String text, boolean emptied, Set<String> pods) {

  /** The label that the injector writes: who has it answers with its identity. */
  static final String INJECTED = "weft.dev/injected";

  private static final String IPV4 = "IPv4";

  Listed {
    pods = Set.copyOf(pods);
  }

  /**
   * @param slices all of the Service
   * @param pod by {@code NAMESPACE/NAME}
   */
  static Listed of(
      Service service, List<EndpointSlice> slices, Function<String, Optional<Pod>> pod) {
    List<EndpointSlice> chosen = ofOneFamily(service, slices);
    List<Endpoint> all =
        chosen.stream().flatMap(slice -> endpoints(slice).stream()).distinct().toList();
    boolean ready = all.stream().anyMatch(Listed::ready);
    Reading reading =
        new Reading(
            service.getMetadata().getNamespace(), pod, ready ? Listed::ready : Listed::ending);
    String text =
        chosen.stream().map(reading::slice).flatMap(Optional::stream).collect(Collectors.joining());
    return new Listed(text, all.isEmpty() || reading.unknown, reading.asked);
  }

  /** Of two stacks the first one, as the Service has it. */
  private static List<EndpointSlice> ofOneFamily(Service service, List<EndpointSlice> slices) {
    List<String> families =
        service.getSpec().getIpFamilies() == null ? List.of() : service.getSpec().getIpFamilies();
    boolean four = slices.stream().anyMatch(slice -> IPV4.equals(slice.getAddressType()));
    String other = four ? IPV4 : "IPv6";
    String family = families.isEmpty() ? other : families.get(0);
    return slices.stream()
        .filter(slice -> family.equals(slice.getAddressType()))
        .sorted(Comparator.comparing(slice -> slice.getMetadata().getName()))
        .toList();
  }

  private static List<Endpoint> endpoints(EndpointSlice slice) {
    return slice.getEndpoints() == null
        ? List.of()
        : slice.getEndpoints().stream()
            .filter(one -> one.getAddresses() != null && !one.getAddresses().isEmpty())
            .sorted(Comparator.comparing(one -> one.getAddresses().get(0)))
            .toList();
  }

  /** What a slice does not say is true of readiness, as the API has it. */
  private static boolean ready(Endpoint endpoint) {
    EndpointConditions told = endpoint.getConditions();
    return told == null || !Boolean.FALSE.equals(told.getReady());
  }

  private static boolean ending(Endpoint endpoint) {
    EndpointConditions told = endpoint.getConditions();
    return told != null
        && Boolean.TRUE.equals(told.getTerminating())
        && Boolean.TRUE.equals(told.getServing());
  }

  /** One reading of a Service's slices. */
  private static final class Reading {

    private final String namespace;
    private final Function<String, Optional<Pod>> pod;
    private final Predicate<Endpoint> wanted;
    private final Set<String> asked = new HashSet<>();
    private final Set<String> given =
        new HashSet<>(); // an endpoint may be in two slices for a time
    private boolean unknown;

    private Reading(
        String namespace, Function<String, Optional<Pod>> pod, Predicate<Endpoint> wanted) {
      this.namespace = namespace;
      this.pod = pod;
      this.wanted = wanted;
    }

    private Optional<String> slice(EndpointSlice slice) {
      JsonArray ports = new JsonArray();
      List<EndpointPort> listed = slice.getPorts() == null ? List.of() : slice.getPorts();
      for (EndpointPort port : listed) {
        if (port.getPort() != null && ServiceText.tcp(port.getProtocol())) {
          String name = port.getName() == null ? "" : port.getName();
          ports.add(new JsonObject().put("name", name).put("port", port.getPort()));
        }
      }
      List<JsonObject> all = new ArrayList<>();
      endpoints(slice).stream()
          .filter(wanted)
          .forEach(
              one ->
                  endpoint(one)
                      .filter(known -> given.add(one.getAddresses().get(0) + ports))
                      .ifPresent(all::add));
      if (all.isEmpty()) {
        return Optional.empty();
      }
      JsonObject labels =
          new JsonObject()
              .put(
                  ServiceText.SERVICE_NAME,
                  slice.getMetadata().getLabels().get(ServiceText.SERVICE_NAME));
      JsonObject whole =
          new JsonObject()
              .put("apiVersion", "discovery.k8s.io/v1")
              .put("kind", "EndpointSlice")
              .put("metadata", ServiceText.meta(slice.getMetadata()).put("labels", labels))
              .put("addressType", slice.getAddressType())
              .put("ports", ports)
              .put("endpoints", new JsonArray(all));
      return Optional.of("---\n" + whole.encode() + "\n");
    }

    private Optional<JsonObject> endpoint(Endpoint one) {
      JsonObject told =
          new JsonObject().put("addresses", new JsonArray().add(one.getAddresses().get(0)));
      if (one.getZone() != null) {
        told.put("zone", one.getZone());
      }
      ObjectReference target = one.getTargetRef();
      if (target == null || !"Pod".equals(target.getKind())) {
        return Optional.of(told); // nobody's pod: outside the mesh
      }
      String key = namespace + "/" + target.getName();
      asked.add(key);
      Optional<Pod> found = pod.apply(key).filter(known -> same(known, target));
      unknown |= found.isEmpty();
      return found.map(known -> told.put("deprecatedTopology", new JsonObject(labels(known))));
    }

    /** Another pod of the same name may run as another account. */
    private static boolean same(Pod known, ObjectReference target) {
      return target.getUid() == null || target.getUid().equals(known.getMetadata().getUid());
    }

    private static Map<String, Object> labels(Pod pod) {
      Map<String, String> own = pod.getMetadata().getLabels();
      Map<String, Object> labels = new LinkedHashMap<>(own == null ? Map.of() : own);
      labels.remove(ACCOUNT); // no pod says by a label who it is
      if ("true".equals(labels.get(INJECTED))) {
        String account = pod.getSpec().getServiceAccountName();
        labels.put(ACCOUNT, account == null ? "default" : account);
      }
      return labels;
    }
  }
}
