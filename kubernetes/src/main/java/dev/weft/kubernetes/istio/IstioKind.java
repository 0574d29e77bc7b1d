package dev.weft.kubernetes.istio;

import dev.weft.kubernetes.KubernetesApi;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kind of resources that the API server has.
 *
 * @param kind e.g. {@code VirtualService}
 * @param plural as the API has it
 */
public record IstioKind(String group, String version, String kind, String plural) {

  private static final Map<String, List<String>> WANTED =
      Map.of(
          "networking.istio.io",
          List.of(
              "VirtualService",
              "DestinationRule",
              "Gateway",
              "ServiceEntry",
              "WorkloadEntry",
              "Sidecar"),
          "security.istio.io",
          List.of("PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"),
          "telemetry.istio.io",
          List.of("Telemetry"));

  /** Newest first; all are read alike. */
  private static final List<String> VERSIONS = List.of("v1", "v1beta1", "v1alpha3", "v1alpha1");

  /** Whether it is the same kind, of whichever version. */
  boolean sameBut(IstioKind other) {
    return group.equals(other.group) && kind.equals(other.kind);
  }

  /** By which the API server is asked for them. */
  public ResourceDefinitionContext context() {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  /**
   * Those that there are. Blocks while the API server is asked, some ten times.
   *
   * @throws RuntimeException where it does not tell
   */
  public static List<IstioKind> installed(KubernetesApi api) {
    KubernetesClient client = api.client();
    List<IstioKind> all = new ArrayList<>();
    WANTED.forEach(
        (group, kinds) -> {
          Optional<APIGroup> known = api.call(() -> Optional.ofNullable(client.getApiGroup(group)));
          List<String> served =
              known.stream()
                  .flatMap(one -> one.getVersions().stream())
                  .map(GroupVersionForDiscovery::getVersion)
                  .toList();
          List<String> missing = new ArrayList<>(kinds);
          for (String version : VERSIONS) {
            if (served.contains(version) && !missing.isEmpty()) {
              Optional<APIResourceList> listed =
                  api.call(
                      () -> Optional.ofNullable(client.getApiResources(group + "/" + version)));
              listed.stream()
                  .flatMap(one -> one.getResources().stream())
                  .filter(one -> !one.getName().contains("/")) // no part of one, as its status
                  .filter(one -> missing.remove(one.getKind()))
                  .map(one -> new IstioKind(group, version, one.getKind(), one.getName()))
                  .forEach(all::add);
            }
          }
        });
    return all;
  }
}
