package dev.weft.config.model;

import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.telemetry.Telemetry;
import java.util.List;

/**
 * All that was asked for, checked: what a load gives and what a snapshot is compiled from. Lists
 * are in the order of {@link Meta}: oldest first, then by name.
 */
public record MeshConfig(
    List<VirtualService> virtualServices,
    List<DestinationRule> destinationRules,
    List<Gateway> gateways,
    List<ServiceEntry> serviceEntries,
    List<WorkloadEntry> workloadEntries,
    List<PeerAuthentication> peerAuthentications,
    List<Sidecar> sidecars,
    List<AuthorizationPolicy> authorizationPolicies,
    List<RequestAuthentication> requestAuthentications,
    List<ProxySettings> proxySettings,
    List<Telemetry> telemetries,
    List<Service> services,
    List<EndpointSlice> endpointSlices,
    List<Secret> secrets) {

  /** Nothing at all. */
  public static final MeshConfig EMPTY =
      new MeshConfig(
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(),
          List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public MeshConfig {
    virtualServices = List.copyOf(virtualServices);
    destinationRules = List.copyOf(destinationRules);
    gateways = List.copyOf(gateways);
    serviceEntries = List.copyOf(serviceEntries);
    workloadEntries = List.copyOf(workloadEntries);
    peerAuthentications = List.copyOf(peerAuthentications);
    sidecars = List.copyOf(sidecars);
    authorizationPolicies = List.copyOf(authorizationPolicies);
    requestAuthentications = List.copyOf(requestAuthentications);
    proxySettings = List.copyOf(proxySettings);
    telemetries = List.copyOf(telemetries);
    services = List.copyOf(services);
    endpointSlices = List.copyOf(endpointSlices);
    secrets = List.copyOf(secrets);
  }

  /** As this, with the EndpointSlices of another. */
  public MeshConfig withSlices(MeshConfig other) {
    return new MeshConfig(
        virtualServices,
        destinationRules,
        gateways,
        serviceEntries,
        workloadEntries,
        peerAuthentications,
        sidecars,
        authorizationPolicies,
        requestAuthentications,
        proxySettings,
        telemetries,
        services,
        other.endpointSlices,
        secrets);
  }
}
