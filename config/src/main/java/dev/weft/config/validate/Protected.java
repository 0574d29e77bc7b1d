package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.List;
import java.util.function.Function;

/** Whether there is what policies and Telemetries are attached to. */
final class Protected {

  private static final String PROTECTS = "protects nothing";

  private Protected() {}

  static void check(MeshConfig config, Problems problems) {
    for (AuthorizationPolicy policy : config.authorizationPolicies()) {
      check(config, policy.meta(), policy.targets(), PROTECTS, problems);
    }
    for (RequestAuthentication tokens : config.requestAuthentications()) {
      check(config, tokens.meta(), tokens.targets(), PROTECTS, problems);
    }
    for (Telemetry telemetry : config.telemetries()) {
      check(config, telemetry.meta(), telemetry.targets(), "holds nowhere", problems);
    }
  }

  private static void check(
      MeshConfig config, Meta meta, List<Target> targets, String then, Problems problems) {
    for (Target target : targets) {
      if (!target.name().isEmpty() && !exists(config, meta.namespace(), target)) {
        problems.warning(
            Codes.UNKNOWN_HOST,
            meta.place(),
            "spec.targetRefs",
            target.kind().word() + " " + target.name() + " does not exist: it " + then,
            "it holds as soon as there is one");
      }
    }
  }

  private static boolean exists(MeshConfig config, String namespace, Target target) {
    return switch (target.kind()) {
      case SERVICE -> has(config.services(), Service::meta, namespace, target.name());
      case SERVICE_ENTRY ->
          has(config.serviceEntries(), ServiceEntry::meta, namespace, target.name());
      case GATEWAY, GATEWAY_CLASS -> true; // told by labels of the proxy, which are not known here
    };
  }

  private static <T> boolean has(
      List<T> all, Function<T, Meta> meta, String namespace, String name) {
    return all.stream()
        .map(meta)
        .anyMatch(one -> one.namespace().equals(namespace) && one.name().equals(name));
  }
}
