package dev.weft.config.istio.security;

import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.security.AuthorizationPolicy.TargetKind;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what a policy, or a Telemetry, is attached to. */
public final class Targets {

  private static final String GATEWAYS = "gateway.networking.k8s.io";

  private Targets() {}

  /** A resource is attached to others or selects workloads, not both. */
  public static List<Target> read(Meta meta, Fields spec, Map<String, String> selector) {
    List<Target> targets = targets(meta, spec);
    if (!targets.isEmpty() && !selector.isEmpty()) {
      spec.error(Codes.CONFLICT, "selector", "selector beside targetRefs", "keep one of them");
    }
    return targets;
  }

  private static List<Target> targets(Meta meta, Fields spec) {
    List<Fields> all = new ArrayList<>(spec.objects("targetRefs"));
    if (spec.has("targetRefs") && all.isEmpty()) {
      Words.empty(spec, "targetRefs");
    }
    if (spec.has("targetRef")) {
      spec.warning(Codes.DEPRECATED, "targetRef", "targetRef is deprecated", "write targetRefs");
      spec.object("targetRef").ifPresent(all::add);
    }
    List<Target> targets = new ArrayList<>();
    for (Fields fields : all) {
      target(meta, fields).ifPresent(targets::add);
    }
    return targets;
  }

  private static Optional<Target> target(Meta meta, Fields fields) {
    String word = fields.required("kind", "e.g. Service");
    String name = fields.required("name", "the resource's name");
    String group = fields.text("group", "");
    String namespace = fields.text("namespace", "");
    within(meta, fields, namespace);
    fields.done();
    List<String> words = Arrays.stream(TargetKind.values()).map(TargetKind::word).toList();
    Optional<TargetKind> known =
        Arrays.stream(TargetKind.values()).filter(one -> one.word().equals(word)).findFirst();
    if (known.isEmpty()) {
      if (!word.isEmpty()) {
        fields.unknownValue("kind", word, words);
      }
      return Optional.empty();
    }
    TargetKind kind = known.get();
    grouped(fields, kind, group);
    if (kind == TargetKind.GATEWAY_CLASS && !Meta.ROOT_NAMESPACES.contains(meta.namespace())) {
      fields.error(
          Codes.SECURITY_NOT_HONOURED,
          "kind",
          "a GatewayClass from namespace " + meta.namespace() + " (expected: the root namespace)",
          "move it to istio-system");
    }
    return Optional.of(new Target(kind, name));
  }

  private static void within(Meta meta, Fields fields, String namespace) {
    if (!namespace.isEmpty() && !namespace.equals(meta.namespace())) {
      fields.error(
          Codes.OUT_OF_RANGE,
          "namespace",
          "namespace '" + namespace + "' (expected: none, or " + meta.namespace() + ")",
          "it is attached to resources of its own namespace");
    }
  }

  private static void grouped(Fields fields, TargetKind kind, String group) {
    String expected = group(kind);
    if (!group.equals(expected) && !(kind == TargetKind.SERVICE && group.equals("core"))) {
      String shown = expected.isEmpty() ? "none" : expected;
      fields.error(
          Codes.UNKNOWN_VALUE,
          "group",
          "group '" + group + "' of a " + kind.word() + " (expected: " + shown + ")",
          kind == TargetKind.GATEWAY
              ? "for a Gateway of Istio's write its labels as selector"
              : "");
    }
  }

  private static String group(TargetKind kind) {
    return switch (kind) {
      case GATEWAY, GATEWAY_CLASS -> GATEWAYS;
      case SERVICE -> "";
      case SERVICE_ENTRY -> "networking.istio.io";
    };
  }
}
