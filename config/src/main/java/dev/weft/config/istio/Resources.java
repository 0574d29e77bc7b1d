package dev.weft.config.istio;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.WorkloadEntry;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Collects the resources of a load by kind; two of one kind and name are a problem. */
final class Resources {

  final List<VirtualService> virtualServices = new ArrayList<>();
  final List<DestinationRule> destinationRules = new ArrayList<>();
  final List<Gateway> gateways = new ArrayList<>();
  final List<ServiceEntry> serviceEntries = new ArrayList<>();
  final List<WorkloadEntry> workloadEntries = new ArrayList<>();
  final List<PeerAuthentication> peerAuthentications = new ArrayList<>();
  final List<Service> services = new ArrayList<>();
  final List<EndpointSlice> endpointSlices = new ArrayList<>();
  final List<Secret> secrets = new ArrayList<>();
  private final Map<String, Meta> names = new HashMap<>();

  /** Notes a second resource of the same kind and name. */
  void claim(Meta meta, Problems problems) {
    String key = meta.kind() + " " + meta.qualifiedName();
    Optional<Meta> before = Optional.ofNullable(names.putIfAbsent(key, meta));
    before.ifPresent(
        first ->
            problems.error(
                Codes.DUPLICATE_NAME,
                meta.place(),
                "metadata.name",
                key + " a second time (first at " + first.place() + ")",
                "rename one of them, or remove it"));
  }

  MeshConfig config() {
    return new MeshConfig(
        sorted(virtualServices, VirtualService::meta),
        sorted(destinationRules, DestinationRule::meta),
        sorted(gateways, Gateway::meta),
        sorted(serviceEntries, ServiceEntry::meta),
        sorted(workloadEntries, WorkloadEntry::meta),
        sorted(peerAuthentications, PeerAuthentication::meta),
        sorted(services, Service::meta),
        sorted(endpointSlices, EndpointSlice::meta),
        sorted(secrets, Secret::meta));
  }

  private static <T> List<T> sorted(List<T> all, Function<T, Meta> meta) {
    return all.stream().sorted(Comparator.comparing(meta)).toList();
  }
}
