package dev.weft.kubernetes.discovery;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pod says of its sidecar: whether there is one, and which ports it leaves to the
 * application. Labels say nothing of it, since they are anybody's to write. Pure.
 */
public final class MeshPod {

  /** The name of the sidecar's container, of those that stay or of those that come first. */
  public static final String SIDECAR = "weft-proxy";

  /** The annotation with the ports that are reached without the sidecar. */
  public static final String EXCLUDED = "weft.dev/exclude-inbound-ports";

  /** Istio's for the same; ours counts first. */
  public static final String EXCLUDED_ISTIO = "traffic.sidecar.istio.io/excludeInboundPorts";

  private MeshPod() {}

  /** Its sidecar, where it has one. */
  static Optional<Container> sidecar(Pod pod) {
    return pod.getSpec() == null
        ? Optional.empty()
        : Stream.of(pod.getSpec().getContainers(), pod.getSpec().getInitContainers())
            .flatMap(all -> all == null ? Stream.of() : all.stream())
            .filter(one -> SIDECAR.equals(one.getName()))
            .findFirst();
  }

  /** Whether its sidecar takes connections to a port. */
  static boolean serves(Pod pod, int port) {
    return sidecar(pod).isPresent() && ranges(pod).noneMatch(range -> within(range, port));
  }

  private static Stream<String> ranges(Pod pod) {
    Map<String, String> all = pod.getMetadata().getAnnotations();
    return Stream.of(EXCLUDED, EXCLUDED_ISTIO)
        .flatMap(name -> Stream.ofNullable(all == null ? null : all.get(name)))
        .limit(1)
        .flatMap(text -> Stream.of(text.split(",", -1)))
        .map(String::strip);
  }

  /** {@code 8080} or {@code 8000-8010}; the injector takes nothing else. */
  private static boolean within(String range, int port) {
    List<String> ends = List.of(range.split("-", -1));
    return ends.stream().allMatch(end -> end.matches("\\d{1,5}"))
        && Integer.parseInt(ends.get(0)) <= port
        && port <= Integer.parseInt(ends.get(ends.size() - 1));
  }
}
