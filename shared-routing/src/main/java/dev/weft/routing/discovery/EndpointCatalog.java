package dev.weft.routing.discovery;

import static dev.weft.routing.authorization.Policies.telemetries;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.ServiceEntry.Location;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.balance.Locality;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.settings.Settings;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.routing.cluster.Endpoint;
import dev.weft.routing.cluster.EndpointSet;
import dev.weft.routing.cluster.UpstreamSettings;
import dev.weft.routing.cluster.UpstreamSettings.HttpChoice;
import dev.weft.routing.cluster.UpstreamTls;
import dev.weft.routing.cluster.balance.Vantage;
import dev.weft.routing.exchange.ClusterName;
import dev.weft.routing.exchange.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Settings and endpoints of every cluster, as a configuration gives them. A pure function of the
 * configuration and of the answers of name look-ups; immutable.
 *
 * <p>Secure unless told otherwise: an endpoint inside the mesh is reached over mTLS with the
 * identity expected that its service account says; where none is known it is left out.
 */
public final class EndpointCatalog {

  private static final String ORIGINAL =
      "it is only where a connection was going that a sidecar intercepts (resolution NONE)";

  private final MeshConfig config;
  private final Workload workload;
  private final Settings settings;
  private final Policies policies;
  private final SeenEntries entries = new SeenEntries(); // exported to us
  private final Map<String, List<Service>> services = new HashMap<>();
  private final Map<String, List<EndpointSlice>> slices = new HashMap<>(); // by the host
  private final Map<String, List<String>> addresses;
  private final Said said;

  /**
   * @param addresses of names that were looked up, by name
   */
  public EndpointCatalog(
      MeshConfig config, Workload workload, Map<String, List<String>> addresses) {
    this.config = config;
    this.workload = workload;
    List<Telemetry> telemetries = telemetries(config, workload);
    Settings own = Settings.of(config.proxySettings(), workload.namespace(), workload.labels());
    this.settings =
        own.logging(
                Telemetry.logging(own.log(), telemetries, workload.namespace(), workload.labels()),
                config.requestAuthentications())
            .telling(Telemetry.metrics(telemetries, workload.namespace(), workload.labels()));
    this.policies = new Policies(config, workload);
    this.addresses = Map.copyOf(addresses);
    for (ServiceEntry entry : config.serviceEntries()) {
      if (entry.exportTo().contains("*")
          || entry.exportTo().contains(workload.namespace())
          || settings.authorizers().stream().anyMatch(one -> entry.has(one.host()))) {
        entries.add(entry);
      }
    }
    this.said = new Said(settings, entries::namespace); // holds nothing else of this
    config.services().forEach(service -> put(services, service.host(), service));
    config.endpointSlices().forEach(slice -> put(slices, slice.host(), slice));
  }

  private static <T> void put(Map<String, List<T>> all, String host, T one) {
    all.computeIfAbsent(host, any -> new ArrayList<>(1)).add(one);
  }

  /** Whether another one of this configuration and these answers would say the same. */
  public boolean isOf(MeshConfig other, Map<String, List<String>> answers) {
    return addresses.equals(answers)
        && config.serviceEntries().equals(other.serviceEntries())
        && config.workloadEntries().equals(other.workloadEntries())
        && config.services().equals(other.services())
        && config.endpointSlices().equals(other.endpointSlices())
        && config.destinationRules().equals(other.destinationRules())
        && config.peerAuthentications().equals(other.peerAuthentications())
        && config.proxySettings().equals(other.proxySettings())
        && config.telemetries().equals(other.telemetries());
  }

  /** What holds for this workload whatever its endpoints are. */
  public Said said() {
    return said;
  }

  /** What holds for this workload. */
  public Settings settings() {
    return settings;
  }

  /** Names that have to be looked up for {@code config}. */
  public static Set<String> names(MeshConfig config) {
    return EntryInstances.names(config);
  }

  /** What configuration says of a cluster. */
  public UpstreamSettings settings(ClusterName name) {
    String namespace = namespace(name.host());
    TrafficPolicy policy = settings.completed(policies.policy(name, namespace));
    return new UpstreamSettings(
        name,
        policy,
        http(name, policy),
        policies.healthCheck(name, namespace),
        new Vantage(workload.locality(), workload.labels()),
        services(name.host()).stream().anyMatch(Service::headless)
            || entries.of(name.host()).stream().anyMatch(ServiceEntry::asMeant));
  }

  private HttpChoice http(ClusterName name, TrafficPolicy policy) {
    boolean asClient = policy.connectionPool().filter(pool -> pool.useClientProtocol()).isPresent();
    if (asClient) {
      return HttpChoice.AS_CLIENT;
    }
    String protocol = protocol(name).toLowerCase(Locale.ROOT);
    if (protocol.startsWith("grpc")
        || protocol.startsWith("http2")
        || protocol.equals("kubernetes.io/h2c")) {
      return HttpChoice.HTTP_2;
    }
    return protocol.startsWith("http") ? HttpChoice.HTTP_1 : HttpChoice.AS_CLIENT;
  }

  /** What its port speaks, as it was written; empty where nothing says. */
  String protocol(ClusterName name) {
    for (ServiceEntry entry : entries.of(name.host())) {
      for (ServiceEntry.Port port : entry.ports()) {
        if (port.number() == name.port()) {
          return port.protocol().isEmpty() ? port.name() : port.protocol();
        }
      }
    }
    for (Service service : services(name.host())) {
      for (Service.Port port : service.ports()) {
        if (port.number() == name.port()) {
          String named = port.appProtocol().isEmpty() ? port.name() : port.appProtocol();
          return port.opaque() ? "tcp" : named;
        }
      }
    }
    return "";
  }

  /** Whether an entry is seen from here. */
  boolean knows(ServiceEntry entry, String host) {
    return entries.has(entry, host);
  }

  private List<Service> services(String host) {
    return services.getOrDefault(host, List.of());
  }

  private String namespace(String host) {
    return entries
        .namespace(host)
        .or(() -> services(host).stream().findFirst().map(service -> service.meta().namespace()))
        .orElse(workload.namespace());
  }

  /** The endpoints of a cluster, those of its subset only. */
  public EndpointSet endpoints(ClusterName name) {
    Map<String, String> labels = policies.labels(name, namespace(name.host()));
    TrafficPolicy policy = policies.policy(name, namespace(name.host()));
    Set<String> left = new LinkedHashSet<>();
    List<Endpoint> all = new ArrayList<>();
    boolean known = false;
    for (ServiceEntry entry : entries.of(name.host())) {
      known = true;
      all.addAll(ofEntry(entry, name, policy, left));
    }
    for (Service service : services(name.host())) {
      known = true;
      all.addAll(ofService(service, name, policy, left));
    }
    List<Endpoint> chosen =
        all.stream()
            .filter(endpoint -> endpoint.labels().entrySet().containsAll(labels.entrySet()))
            .toList();
    boolean unresolved =
        entries.of(name.host()).stream().anyMatch(entry -> unresolved(entry, name.host()));
    Optional<UpstreamTls> original = original(name, policy, left);
    String reason =
        chosen.isEmpty() && original.isPresent() && left.isEmpty()
            ? ORIGINAL
            : reason(name, known, all, chosen, left);
    return new EndpointSet(chosen, reason, unresolved, original);
  }

  /** How the endpoint is reached that is wherever a connection was going. */
  private Optional<UpstreamTls> original(ClusterName name, TrafficPolicy policy, Set<String> left) {
    Optional<ServiceEntry> entry =
        entries.of(name.host()).stream()
            .filter(ServiceEntry::asMeant)
            .filter(one -> one.ports().stream().anyMatch(port -> port.number() == name.port()))
            .findFirst();
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    boolean internal = entry.get().location() == Location.MESH_INTERNAL;
    Instance at = new Instance(entry.get().meta().namespace(), "", Map.of(), name.port());
    Set<String> identities = Set.copyOf(entry.get().subjectAltNames());
    Optional<UpstreamTls> tls = EndpointTls.of(policy, name, internal && secured(at), identities);
    if (tls.isEmpty()) {
      left.add("it has no identity to expect");
    }
    if (EndpointTls.nameless(policy, name)) {
      left.add("its DestinationRule's tls needs an sni, since " + name.host() + " is no name");
      return Optional.empty();
    }
    return tls;
  }

  private static String reason(
      ClusterName name,
      boolean known,
      List<Endpoint> all,
      List<Endpoint> chosen,
      Set<String> left) {
    if (!left.isEmpty()) {
      return String.join("; ", left);
    }
    if (!chosen.isEmpty()) {
      return "";
    }
    if (!known) {
      return "no Service or ServiceEntry has the host " + name.host();
    }
    return all.isEmpty()
        ? "it has no endpoints"
        : "none of its " + all.size() + " endpoints is of subset " + name.subset();
  }

  private List<Endpoint> ofEntry(
      ServiceEntry entry, ClusterName name, TrafficPolicy policy, Set<String> left) {
    Optional<ServiceEntry.Port> port =
        entry.ports().stream().filter(one -> one.number() == name.port()).findFirst();
    if (port.isEmpty()) {
      left.add("it has no port " + name.port());
      return List.of();
    }
    List<Endpoint> all = new ArrayList<>();
    for (ServiceEntry.Endpoint instance : EntryInstances.of(config, entry, name.host())) {
      int target = instance.ports().getOrDefault(port.get().name(), port.get().targetPort());
      Set<String> identities = identities(entry, instance);
      boolean internal = entry.location() == Location.MESH_INTERNAL;
      Instance at =
          new Instance(
              entry.meta().namespace(), instance.serviceAccount(), instance.labels(), target);
      Optional<UpstreamTls> tls = EndpointTls.of(policy, name, internal && secured(at), identities);
      if (tls.isEmpty()) {
        left.add("endpoint " + instance.address() + " has no identity to expect");
        continue;
      }
      List<String> found = resolved(entry, instance.address());
      if (found.isEmpty()) {
        left.add("no address of " + instance.address() + " is known");
      }
      for (String address : found) {
        all.add(
            new Endpoint(
                address,
                target,
                instance.labels(),
                instance.locality(),
                instance.weight(),
                tls.get()));
      }
    }
    return all;
  }

  private List<String> resolved(ServiceEntry entry, String address) {
    return EntryInstances.lookedUp(entry, address)
        ? addresses.getOrDefault(address, List.of())
        : List.of(address);
  }

  private boolean unresolved(ServiceEntry entry, String host) {
    return EntryInstances.of(config, entry, host).stream()
        .anyMatch(one -> resolved(entry, one.address()).isEmpty());
  }

  private Set<String> identities(ServiceEntry entry, ServiceEntry.Endpoint instance) {
    if (!entry.subjectAltNames().isEmpty()) {
      return Set.copyOf(entry.subjectAltNames());
    }
    return instance.serviceAccount().isEmpty()
        ? Set.of()
        : Set.of(spiffe(entry.meta().namespace(), instance.serviceAccount()));
  }

  private String spiffe(String namespace, String account) {
    return new Workload(namespace, account, workload.trustDomain(), Map.of()).spiffeId();
  }

  /** A workload behind an endpoint, as PeerAuthentications select it. */
  private record Instance(String namespace, String account, Map<String, String> labels, int port) {}

  /** Whether it takes mTLS: the caller does as the other side's PeerAuthentication says. */
  private boolean secured(Instance at) {
    Workload peer = new Workload(at.namespace, at.account, workload.trustDomain(), at.labels);
    return config.peerAuthentications().isEmpty()
        || PeerModes.mode(config, peer, at.port) != PeerAuthentication.Mode.DISABLE;
  }

  private List<Endpoint> ofService(
      Service service, ClusterName name, TrafficPolicy policy, Set<String> left) {
    Optional<Service.Port> port =
        service.ports().stream().filter(one -> one.number() == name.port()).findFirst();
    if (port.isEmpty()) {
      left.add("it has no port " + name.port());
      return List.of();
    }
    List<Endpoint> all = new ArrayList<>();
    for (EndpointSlice slice : slices.getOrDefault(service.host(), List.of())) {
      int target = slice.ports().getOrDefault(port.get().name(), 0);
      if (target == 0) {
        continue;
      }
      for (EndpointSlice.Endpoint instance : serving(slice)) {
        Set<String> identities = identities(service, instance);
        Instance at =
            new Instance(
                service.meta().namespace(), instance.serviceAccount(), instance.labels(), target);
        boolean internal = !identities.isEmpty();
        Optional<UpstreamTls> tls =
            EndpointTls.of(policy, name, internal && secured(at), identities);
        String address = instance.addresses().get(0); // the others are the same endpoint
        if (tls.isEmpty()) {
          left.add("endpoint " + address + " has no identity to expect");
          continue;
        }
        all.add(new Endpoint(address, target, instance.labels(), locality(instance), 1, tls.get()));
      }
    }
    return all;
  }

  /** A slice tells the zone only: a cluster is in one region, that of its proxies. */
  private String locality(EndpointSlice.Endpoint instance) {
    return instance.zone().isEmpty()
        ? ""
        : new Locality(workload.locality().region(), instance.zone(), "").toString();
  }

  private static List<EndpointSlice.Endpoint> serving(EndpointSlice slice) {
    return slice.endpoints().stream()
        .filter(one -> one.ready() && !one.terminating() && !one.addresses().isEmpty())
        .toList();
  }

  /** The pod's account where it is known, otherwise those that the Service names. */
  private Set<String> identities(Service service, EndpointSlice.Endpoint instance) {
    Set<String> accounts =
        instance.serviceAccount().isEmpty()
            ? service.serviceAccounts()
            : Set.of(instance.serviceAccount());
    return accounts.stream()
        .map(account -> spiffe(service.meta().namespace(), account))
        .collect(Collectors.toUnmodifiableSet());
  }
}
