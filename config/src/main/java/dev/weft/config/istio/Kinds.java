package dev.weft.config.istio;

import dev.weft.config.istio.security.AuthorizationPolicies;
import dev.weft.config.istio.security.RequestAuthentications;
import dev.weft.config.istio.telemetry.Telemetries;
import dev.weft.config.model.Meta;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import dev.weft.config.settings.SettingsReader;
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
import java.util.regex.Pattern;

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
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
  private static final int LONGEST_NAME = 253;
  private static final String[] KEPT_BY_THE_API_SERVER = {
    "annotations",
    "generateName",
    "uid",
    "resourceVersion",
    "generation",
    "managedFields",
    "ownerReferences",
    "finalizers",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds"
  };

  private final Problems problems;
  private final Resources resources = new Resources();
  private final HostNames hosts;
  private final Optional<String> within;

  private Kinds(Problems problems, HostNames hosts, Optional<String> within) {
    this.problems = problems;
    this.hosts = hosts;
    this.within = within;
  }

  /**
   * All documents of one text; what is wrong goes to {@code problems}.
   *
   * @param within the only namespace that its resources may be of
   */
  public static Resources read(
      List<YamlNode> documents, Optional<String> within, HostNames hosts, Problems problems) {
    Kinds kinds = new Kinds(problems, hosts, within);
    documents.forEach(kinds::document);
    return kinds.resources;
  }

  /**
   * Hosts of ServiceEntries that have no dot. They count before anything is read, since what a
   * short name means depends on them.
   */
  public static Set<String> shortHosts(List<YamlNode> documents) {
    Set<String> names = new HashSet<>();
    Problems elsewhere = new Problems(); // the same faults are told when the documents are read
    for (YamlNode document : documents) {
      Fields root = Fields.of(document, "", elsewhere);
      if (root.text("kind", "").equals("ServiceEntry")) {
        root.object("spec").map(spec -> spec.texts("hosts")).orElse(List.of()).stream()
            .filter(host -> host.indexOf('.') < 0)
            .forEach(host -> names.add(Fields.lower(host)));
      }
      if (root.text("kind", "").equals("List")) {
        names.addAll(shortHosts(root.items("items")));
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
      root.passedOver("metadata");
      root.done();
    } else {
      grouped(root, version, kind);
    }
  }

  private void grouped(Fields root, String version, String kind) {
    int slash = version.indexOf('/');
    String group = slash < 0 ? "" : version.substring(0, slash);
    if (version.equals("v1") && CORE.contains(kind)) {
      resource(root, kind);
    } else if (group.equals("gateway.networking.k8s.io")) {
      unused(root, kind);
    } else if (OURS.containsKey(group) && known(root, group, kind, version.substring(slash + 1))) {
      resource(root, kind);
    } else if (!OURS.containsKey(group)) {
      misspelt(root, group, kind);
    }
  }

  /** A kind of ours whose group is nearly ours, or none, was hardly meant to be passed over. */
  private static void misspelt(Fields root, String group, String kind) {
    Optional<String> meant =
        OURS.entrySet().stream()
            .filter(ours -> ours.getValue().contains(kind))
            .map(Map.Entry::getKey)
            .findFirst()
            .or(() -> CORE.contains(kind) ? Optional.of("v1") : Optional.empty());
    boolean near =
        group.isEmpty() || group.contains("istio") || Nearest.to(group, OURS.keySet()).isPresent();
    if (meant.isPresent() && near) {
      root.error(
          Codes.UNKNOWN_KIND,
          "apiVersion",
          "there is no "
              + kind
              + " of "
              + root.text("apiVersion", "")
              + " (expected: "
              + (meant.get().equals("v1") ? "v1" : meant.get() + "/v1")
              + ")",
          "");
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
    if (!group.endsWith("istio.io") && !version.equals("v1")) {
      root.error(
          Codes.UNKNOWN_VALUE,
          "apiVersion",
          "version '" + version + "' of " + group + " (expected: v1)",
          "");
      return false;
    }
    return true;
  }

  private void resource(Fields root, String kind) {
    Meta meta = meta(root, kind);
    resources.claim(meta);
    bounds(root, meta);
    switch (kind) {
      case "Service" -> resources.services.add(CoreKinds.service(meta, root));
      case "Secret" -> resources.secrets.add(CoreKinds.secret(meta, root));
      case "EndpointSlice" -> resources.endpointSlices.add(CoreKinds.slice(meta, root));
      default -> istio(root, meta);
    }
  }

  private void bounds(Fields root, Meta meta) {
    Optional<String> only = within;
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
          resources.destinationRules.add(
              new DestinationRules(hosts).read(meta, spec, annotations(root)));
      case "Gateway" -> resources.gateways.add(Gateways.read(meta, spec));
      case "ServiceEntry" -> resources.serviceEntries.add(ServiceEntries.read(meta, spec));
      case "WorkloadEntry" -> resources.workloadEntries.add(ServiceEntries.workload(meta, spec));
      case "PeerAuthentication" ->
          resources.peerAuthentications.add(PeerAuthentications.read(meta, spec));
      case "Sidecar" -> resources.sidecars.add(Sidecars.read(meta, spec));
      case "ProxySettings" ->
          resources.proxySettings.add(
              SettingsReader.read(
                  meta, spec, host -> hosts.resolve(host, meta.namespace()), HttpPolicies::corsOf));
      case "AuthorizationPolicy" ->
          resources.authorizationPolicies.add(
              AuthorizationPolicies.read(meta, spec, annotations(root)));
      case "RequestAuthentication" ->
          resources.requestAuthentications.add(RequestAuthentications.read(meta, spec));
      case "Telemetry" -> resources.telemetries.add(Telemetries.read(meta, spec));
      default -> unused(root, meta.kind());
    }
    if (resourcesKnow(meta.kind())) {
      root.done();
    }
  }

  private Fields annotations(Fields root) {
    YamlNode nothing = new YamlNode.Mapping(root.place(), List.of());
    Fields metadata =
        Fields.of(root.node("metadata").orElse(nothing), "metadata", new Problems()); // told before
    String path = metadata.path("annotations");
    return Fields.of(metadata.node("annotations").orElse(nothing), path, problems);
  }

  private static boolean resourcesKnow(String kind) {
    return Set.of(
            "VirtualService",
            "DestinationRule",
            "Gateway",
            "ServiceEntry",
            "WorkloadEntry",
            "PeerAuthentication",
            "Sidecar",
            "AuthorizationPolicy",
            "RequestAuthentication",
            "Telemetry",
            "ProxySettings")
        .contains(kind);
  }

  private static void unused(Fields root, String kind) {
    root.warning(
        Codes.NOT_HONOURED, "kind", kind + " is not honoured by this version", "it has no effect");
  }

  private Meta meta(Fields root, String kind) {
    YamlNode nothing = new YamlNode.Mapping(root.place(), List.of());
    Fields fields = Fields.of(root.node("metadata").orElse(nothing), "metadata", problems);
    String name = fields.required("name", "the resource's name");
    String absent = within.orElse("default");
    String namespace = fields.text("namespace", absent);
    named(fields, "name", name);
    named(fields, "namespace", namespace);
    Meta meta =
        new Meta(kind, namespace, name, fields.textMap("labels"), created(fields), root.place());
    fields.passedOver(KEPT_BY_THE_API_SERVER);
    fields.done();
    return meta;
  }

  private static void named(Fields fields, String field, String name) {
    if (!name.isEmpty() && (name.length() > LONGEST_NAME || !NAME.matcher(name).matches())) {
      String shown = field + " '" + Fields.shortened(name) + "'";
      fields.error(
          Codes.UNKNOWN_VALUE,
          field,
          shown + " (expected: lower-case letters, digits, '-' and '.')",
          "");
    }
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
