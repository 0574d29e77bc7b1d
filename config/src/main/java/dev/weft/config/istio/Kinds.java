package dev.weft.config.istio;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.Nearest;
import dev.weft.config.yaml.YamlNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which kind a document is, and who reads it. Kinds of other people's groups are passed over; an
 * unknown kind of a group that is ours to know is an error.
 */
public final class Kinds {

  private static final Set<String> VERSIONS = Set.of("v1", "v1beta1", "v1alpha3");
  private static final Map<String, List<String>> OURS =
      Map.of(
          "networking.istio.io",
          List.of(
              "VirtualService",
              "DestinationRule",
              "Gateway",
              "ServiceEntry",
              "WorkloadEntry",
              "Sidecar",
              "WorkloadGroup",
              "EnvoyFilter",
              "ProxyConfig"),
          "security.istio.io",
          List.of("PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"),
          "telemetry.istio.io",
          List.of("Telemetry"),
          "extensions.istio.io",
          List.of("WasmPlugin"),
          "weft.dev",
          List.of("ProxySettings"),
          "discovery.k8s.io",
          List.of("EndpointSlice"));
  private static final Set<String> CORE = Set.of("Service", "Secret");

  private final Problems problems;
  private final Resources resources = new Resources();
  private final HostNames hosts;
  private final Map<String, String> within;

  private Kinds(Problems problems, HostNames hosts, Map<String, String> within) {
    this.problems = problems;
    this.hosts = hosts;
    this.within = Map.copyOf(within);
  }

  /**
   * All documents of a load; what is wrong goes to {@code problems}.
   *
   * @param within the only namespace that the resources of some files may be of, by file
   */
  public static MeshConfig read(
      List<YamlNode> documents, Map<String, String> within, Problems problems) {
    Kinds kinds = new Kinds(problems, new HostNames(serviceEntryHosts(documents)), within);
    documents.forEach(kinds::document);
    return kinds.resources.config();
  }

  /** Hosts of ServiceEntries count before anything is read, since short names depend on them. */
  private static Set<String> serviceEntryHosts(List<YamlNode> documents) {
    Set<String> names = new HashSet<>();
    Problems elsewhere = new Problems(); // the same faults are told when the documents are read
    for (YamlNode document : documents) {
      Fields root = Fields.of(document, "", elsewhere);
      if (root.text("kind", "").equals("ServiceEntry")) {
        root.object("spec")
            .map(spec -> spec.texts("hosts"))
            .ifPresent(all -> all.forEach(host -> names.add(Fields.lower(host))));
      }
      if (root.text("kind", "").equals("List")) {
        names.addAll(serviceEntryHosts(root.items("items")));
      }
    }
    return names;
  }

  private void document(YamlNode document) {
    Fields root = Fields.of(document, "", problems);
    if (document instanceof YamlNode.Mapping) {
      document(root);
    }
  }

  private void document(Fields root) {
    String version = root.required("apiVersion", "e.g. networking.istio.io/v1");
    String kind = root.required("kind", "e.g. VirtualService");
    if (kind.isEmpty() || version.isEmpty()) {
      return;
    }
    if (kind.equals("List")) {
      root.items("items").forEach(this::document);
    } else {
      grouped(root, version, kind);
    }
  }

  private void grouped(Fields root, String version, String kind) {
    int slash = version.indexOf('/');
    String group = slash < 0 ? "" : version.substring(0, slash);
    if (group.isEmpty() && CORE.contains(kind)) {
      resource(root, kind);
    } else if (group.equals("gateway.networking.k8s.io")) {
      unused(root, kind);
    } else if (OURS.containsKey(group) && known(root, group, kind, version.substring(slash + 1))) {
      resource(root, kind);
    }
  }

  private boolean known(Fields root, String group, String kind, String version) {
    List<String> kinds = OURS.getOrDefault(group, List.of());
    if (!kinds.contains(kind)) {
      List<String> all = new ArrayList<>(kinds);
      OURS.values().forEach(all::addAll);
      String hint = Nearest.to(kind, all).map(word -> "did you mean '" + word + "'?").orElse("");
      root.error(
          Codes.UNKNOWN_KIND,
          "kind",
          "kind '" + kind + "' of " + group + " (expected: " + String.join(", ", kinds) + ")",
          hint);
      return false;
    }
    if (group.endsWith("istio.io")
        && !VERSIONS.contains(version)
        && !version.startsWith("v1alpha")) {
      root.error(
          Codes.UNKNOWN_VALUE,
          "apiVersion",
          "version '" + version + "' of " + group + " (expected: v1, v1beta1 or v1alpha3)",
          "");
      return false;
    }
    return true;
  }

  private void resource(Fields root, String kind) {
    Meta meta = meta(root, kind);
    resources.claim(meta, problems);
    bounds(root, meta);
    switch (kind) {
      case "Service" -> resources.services.add(CoreKinds.service(meta, root));
      case "Secret" -> resources.secrets.add(CoreKinds.secret(meta, root));
      case "EndpointSlice" -> resources.endpointSlices.add(CoreKinds.slice(meta, root));
      default -> istio(root, meta);
    }
  }

  private void bounds(Fields root, Meta meta) {
    Optional<String> only = Optional.ofNullable(within.get(root.place().file()));
    if (only.filter(namespace -> !namespace.equals(meta.namespace())).isPresent()) {
      root.error(
          Codes.OUT_OF_RANGE,
          "metadata",
          "a resource of namespace '" + meta.namespace() + "' (expected: " + only.get() + ")",
          "a ConfigMap may define resources of its own namespace only");
    }
    if (only.isPresent() && meta.kind().equals("Secret")) {
      root.error(
          Codes.SECURITY_NOT_HONOURED,
          "kind",
          "a Secret in a ConfigMap",
          "everybody who may read ConfigMaps could read it; create a real Secret");
    }
  }

  private void istio(Fields root, Meta meta) {
    boolean bare = meta.kind().equals("PeerAuthentication");
    if (!root.has("spec") && !bare) {
      root.error(Codes.MISSING_FIELD, "spec", "spec is missing", "");
      return;
    }
    YamlNode nothing = new YamlNode.Mapping(root.place(), List.of());
    Fields spec = Fields.of(root.node("spec").orElse(nothing), "spec", problems);
    root.has("status");
    switch (meta.kind()) {
      case "VirtualService" ->
          resources.virtualServices.add(new VirtualServices(hosts).read(meta, spec));
      case "DestinationRule" ->
          resources.destinationRules.add(new DestinationRules(hosts).read(meta, spec));
      case "Gateway" -> resources.gateways.add(Gateways.read(meta, spec));
      case "ServiceEntry" -> resources.serviceEntries.add(ServiceEntries.read(meta, spec));
      case "WorkloadEntry" -> resources.workloadEntries.add(ServiceEntries.workload(meta, spec));
      case "PeerAuthentication" ->
          resources.peerAuthentications.add(PeerAuthentications.read(meta, spec));
      case "AuthorizationPolicy", "RequestAuthentication" -> unhonoured(root, meta.kind());
      default -> unused(root, meta.kind());
    }
    if (resourcesKnow(meta.kind())) {
      root.done();
    }
  }

  private static boolean resourcesKnow(String kind) {
    return Set.of(
            "VirtualService",
            "DestinationRule",
            "Gateway",
            "ServiceEntry",
            "WorkloadEntry",
            "PeerAuthentication")
        .contains(kind);
  }

  private static void unused(Fields root, String kind) {
    root.warning(
        Codes.NOT_HONOURED, "kind", kind + " is not honoured by this version", "it has no effect");
  }

  private static void unhonoured(Fields root, String kind) {
    root.error(
        Codes.SECURITY_NOT_HONOURED,
        "kind",
        kind + " is not honoured by this version, and what it protects would be open",
        "remove it, or keep the traffic off this proxy");
  }

  private Meta meta(Fields root, String kind) {
    YamlNode nothing = new YamlNode.Mapping(root.place(), List.of());
    Fields fields = Fields.of(root.node("metadata").orElse(nothing), "metadata", problems);
    String name = fields.required("name", "the resource's name");
    String absent = within.getOrDefault(root.place().file(), "default");
    String namespace = fields.text("namespace", absent);
    Instant created = created(fields);
    return new Meta(kind, namespace, name, fields.textMap("labels"), created, root.place());
  }

  private static Instant created(Fields fields) {
    String written = fields.text("creationTimestamp", "");
    try {
      return written.isEmpty() ? Instant.EPOCH : Instant.parse(written);
    } catch (DateTimeParseException e) {
      fields.error(
          Codes.WRONG_TYPE,
          "creationTimestamp",
          "'" + written + "' (expected: e.g. 2026-11-24T12:00:00Z)",
          "");
      return Instant.EPOCH;
    }
  }
}
