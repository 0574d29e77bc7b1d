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
 * <p>An endpoint inside the mesh tells its pod's account, but at ports that its sidecar leaves out.
 * One whose pod is not known is left out: it might be inside, and must not be reached in plaintext.
 *
 * @param text EndpointSlices for the loader; empty where there are no endpoints to reach
 * @param emptied whether that is so because nothing is listed at all, or pods are not known; and
 *     not since the pods are said to be unready
 * @param pods that were asked for, as {@code NAMESPACE/NAME}
 */
record Listed(String text, boolean emptied, Set<String> pods) {

  private static final String IPV4 = "IPv4";
  private static final String POD = "Pod";

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
    String text = chosen.stream().map(reading::slice).collect(Collectors.joining());
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

    /** As one, or as one for each set of ports that the same pods serve without their sidecars. */
    private String slice(EndpointSlice slice) {
      List<Endpoint> chosen = endpoints(slice).stream().filter(wanted).filter(this::known).toList();
      List<EndpointPort> ports =
          (slice.getPorts() == null ? List.<EndpointPort>of() : slice.getPorts())
              .stream()
                  .filter(port -> port.getPort() != null && ServiceText.tcp(port.getProtocol()))
                  .toList();
      Map<List<Boolean>, List<EndpointPort>> alike = new LinkedHashMap<>();
      for (EndpointPort port : ports) {
        List<Boolean> served =
            chosen.stream()
                .map(one -> pod(one).filter(pod -> serves(pod, port)).isPresent())
                .toList();
        alike.computeIfAbsent(served, any -> new ArrayList<>()).add(port);
      }
      StringBuilder text = new StringBuilder();
      alike.values().forEach(group -> text.append(slice(slice, chosen, group, text.isEmpty())));
      return text.toString();
    }

    private static boolean serves(Pod pod, EndpointPort port) {
      return MeshPod.serves(pod, port.getPort());
    }

    private String slice(
        EndpointSlice slice, List<Endpoint> chosen, List<EndpointPort> group, boolean first) {
      JsonArray ports = new JsonArray();
      for (EndpointPort port : group) {
        String name = port.getName() == null ? "" : port.getName();
        ports.add(new JsonObject().put("name", name).put("port", port.getPort()));
      }
      List<JsonObject> all =
          chosen.stream()
              .filter(one -> given.add(one.getAddresses().get(0) + ports))
              .map(one -> endpoint(one, group.get(0)))
              .toList();
      if (all.isEmpty()) {
        return "";
      }
      JsonObject labels =
          new JsonObject()
              .put(
                  ServiceText.SERVICE_NAME,
                  slice.getMetadata().getLabels().get(ServiceText.SERVICE_NAME));
      JsonObject meta = ServiceText.meta(slice.getMetadata()).put("labels", labels);
      if (!first) {
        meta.put("name", meta.getString("name") + "." + group.get(0).getPort());
      }
      JsonObject whole =
          new JsonObject()
              .put("apiVersion", "discovery.k8s.io/v1")
              .put("kind", "EndpointSlice")
              .put("metadata", meta)
              .put("addressType", slice.getAddressType())
              .put("ports", ports)
              .put("endpoints", new JsonArray(all));
      return "---\n" + whole.encode() + "\n";
    }

    private JsonObject endpoint(Endpoint one, EndpointPort port) {
      JsonObject told =
          new JsonObject().put("addresses", new JsonArray().add(one.getAddresses().get(0)));
      if (one.getZone() != null) {
        told.put("zone", one.getZone());
      }
      pod(one)
          .ifPresent(
              known ->
                  told.put(
                      "deprecatedTopology", new JsonObject(labels(known, serves(known, port)))));
      return told;
    }

    /** Whether it is nobody's pod, and so outside the mesh, or one that is known. */
    private boolean known(Endpoint one) {
      ObjectReference target = one.getTargetRef();
      if (target == null || !POD.equals(target.getKind())) {
        return true;
      }
      asked.add(namespace + "/" + target.getName());
      boolean found = pod(one).isPresent();
      unknown |= !found;
      return found;
    }

    private Optional<Pod> pod(Endpoint one) {
      ObjectReference target = one.getTargetRef();
      return target == null || !POD.equals(target.getKind())
          ? Optional.empty()
          : pod.apply(namespace + "/" + target.getName()).filter(found -> same(found, target));
    }

    /** Another pod of the same name may run as another account. */
    private static boolean same(Pod known, ObjectReference target) {
      return target.getUid() == null || target.getUid().equals(known.getMetadata().getUid());
    }

    private static Map<String, Object> labels(Pod pod, boolean served) {
      Map<String, String> own = pod.getMetadata().getLabels();
      Map<String, Object> labels = new LinkedHashMap<>(own == null ? Map.of() : own);
      labels.remove(ACCOUNT); // no pod says by a label who it is
      Map<String, String> notes = pod.getMetadata().getAnnotations();
      String workload = notes == null ? null : notes.get(PodWorkload.NAME);
      if (workload != null) {
        labels.putIfAbsent(PodWorkload.NAME, workload);
      }
      if (served) {
        String account = pod.getSpec().getServiceAccountName();
        labels.put(ACCOUNT, account == null ? "default" : account);
      }
      return labels;
    }
  }
}
