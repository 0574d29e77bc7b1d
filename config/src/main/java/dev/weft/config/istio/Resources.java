package dev.weft.config.istio;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.Sidecar;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.WorkloadEntry;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The resources of one text by kind, or of a whole load. */
public final class Resources {

  final List<VirtualService> virtualServices = new ArrayList<>();
  final List<DestinationRule> destinationRules = new ArrayList<>();
  final List<Gateway> gateways = new ArrayList<>();
  final List<ServiceEntry> serviceEntries = new ArrayList<>();
  final List<WorkloadEntry> workloadEntries = new ArrayList<>();
  final List<PeerAuthentication> peerAuthentications = new ArrayList<>();
  final List<Sidecar> sidecars = new ArrayList<>();
  final List<AuthorizationPolicy> authorizationPolicies = new ArrayList<>();
  final List<RequestAuthentication> requestAuthentications = new ArrayList<>();
  final List<ProxySettings> proxySettings = new ArrayList<>();
  final List<Telemetry> telemetries = new ArrayList<>();
  final List<Service> services = new ArrayList<>();
  final List<EndpointSlice> endpointSlices = new ArrayList<>();
  final List<Secret> secrets = new ArrayList<>();
  private final List<Meta> all = new ArrayList<>();

  Resources() {}

  /** In the order of the text. */
  public List<VirtualService> virtualServices() {
    return List.copyOf(virtualServices);
  }

  /** Notes that there is one of that name, whatever else is wrong with it. */
  void claim(Meta meta) {
    all.add(meta);
  }

  /** All resources of all texts; two of one kind and name are a problem. */
  public static MeshConfig together(List<Resources> texts, Problems problems) {
    Resources whole = new Resources();
    for (Resources text : texts) {
      whole.virtualServices.addAll(text.virtualServices);
      whole.destinationRules.addAll(text.destinationRules);
      whole.gateways.addAll(text.gateways);
      whole.serviceEntries.addAll(text.serviceEntries);
      whole.workloadEntries.addAll(text.workloadEntries);
      whole.peerAuthentications.addAll(text.peerAuthentications);
      whole.sidecars.addAll(text.sidecars);
      whole.authorizationPolicies.addAll(text.authorizationPolicies);
      whole.requestAuthentications.addAll(text.requestAuthentications);
      whole.proxySettings.addAll(text.proxySettings);
      whole.telemetries.addAll(text.telemetries);
      whole.services.addAll(text.services);
      whole.endpointSlices.addAll(text.endpointSlices);
      whole.secrets.addAll(text.secrets);
      whole.all.addAll(text.all);
    }
    whole.duplicates(problems);
    return whole.config();
  }

  private record Name(String kind, String namespace, String name) {}

  private void duplicates(Problems problems) {
    Map<Name, Meta> names = new HashMap<>();
    for (Meta meta : all) {
      Name name = new Name(meta.kind(), meta.namespace(), meta.name());
      Optional<Meta> before = Optional.ofNullable(names.putIfAbsent(name, meta));
      before
          .filter(first -> !meta.name().isEmpty())
          .ifPresent(
              first ->
                  problems.error(
                      Codes.DUPLICATE_NAME,
                      meta.place(),
                      "metadata.name",
                      meta.kind()
                          + " "
                          + meta.qualifiedName()
                          + " a second time (first at "
                          + first.place()
                          + ")",
                      "rename one of them, or remove it"));
    }
  }

  private MeshConfig config() {
    return new MeshConfig(
        sorted(virtualServices, VirtualService::meta),
        sorted(destinationRules, DestinationRule::meta),
        sorted(gateways, Gateway::meta),
        sorted(serviceEntries, ServiceEntry::meta),
        sorted(workloadEntries, WorkloadEntry::meta),
        sorted(peerAuthentications, PeerAuthentication::meta),
        sorted(sidecars, Sidecar::meta),
        sorted(authorizationPolicies, AuthorizationPolicy::meta),
        sorted(requestAuthentications, RequestAuthentication::meta),
        sorted(proxySettings, ProxySettings::meta),
        sorted(telemetries, Telemetry::meta),
        sorted(services, Service::meta),
        sorted(endpointSlices, EndpointSlice::meta),
        sorted(secrets, Secret::meta));
  }

  private static <T> List<T> sorted(List<T> all, Function<T, Meta> meta) {
    return all.stream().sorted(Comparator.comparing(meta)).toList();
  }
}
