package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Target;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import java.util.List;
import java.util.function.Function;

/** Whether there is what an AuthorizationPolicy is attached to. */
final class Protected {

  private Protected() {}

  static void check(MeshConfig config, Problems problems) {
    for (AuthorizationPolicy policy : config.authorizationPolicies()) {
      for (Target target : policy.targets()) {
        if (!target.name().isEmpty() && !exists(config, policy.meta().namespace(), target)) {
          problems.warning(
              Codes.UNKNOWN_HOST,
              policy.meta().place(),
              "spec.targetRefs",
              target.kind().word() + " " + target.name() + " does not exist: it protects nothing",
              "it holds as soon as there is one");
        }
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
