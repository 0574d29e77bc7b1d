package dev.weft.config.validate;

import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.ExternalAuthorizer;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.telemetry.Telemetry;
import dev.weft.config.model.telemetry.TraceProvider;
import dev.weft.config.model.telemetry.Tracing;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Problems;
import dev.weft.config.yaml.Nearest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether there is whom policies ask. What asks nobody denies what it matches; that is told here,
 * as a warning, since a provider may come with another unit.
 */
final class Providers {

  private static final String PROVIDER = "spec.provider.name";

  private Providers() {}

  static void check(MeshConfig config, Catalogue catalogue, Problems problems) {
    Set<String> names = new TreeSet<>();
    for (ProxySettings settings : config.proxySettings()) {
      collectors(settings, catalogue, problems);
      List<ExternalAuthorizer> all = settings.blocks().extensionProviders();
      all.forEach(one -> names.add(one.name()));
      for (int i = 0; i < all.size(); i++) {
        reachable(all.get(i), "spec.extensionProviders[" + i + "]", catalogue, problems);
      }
    }
    told(config, problems);
    List<AuthorizationPolicy> asking =
        config.authorizationPolicies().stream()
            .filter(one -> one.action() == Action.CUSTOM && !one.dryRun())
            .filter(one -> !one.provider().orElse("").isEmpty()) // told where it is read
            .toList();
    for (int i = 0; i < asking.size(); i++) {
      AuthorizationPolicy policy = asking.get(i);
      known(policy, names, problems);
      asking.subList(0, i).stream()
          .filter(older -> !older.provider().equals(policy.provider()) && together(older, policy))
          .findFirst()
          .ifPresent(older -> several(older, policy, problems));
    }
  }

  /** Collectors of a service that is not there hear nothing. */
  private static void collectors(ProxySettings settings, Catalogue catalogue, Problems problems) {
    for (TraceProvider one : settings.blocks().collectors()) {
      Optional<Set<Integer>> ports = catalogue.ports(one.host());
      if (!one.host().isEmpty() && ports.filter(all -> all.contains(one.port())).isEmpty()) {
        problems.warning(
            ports.isEmpty() ? Codes.UNKNOWN_HOST : Codes.UNKNOWN_PORT,
            one.place(),
            "spec.extensionProviders",
            ports.isEmpty()
                ? "no service '" + one.host() + "'" + Hosts.existing(catalogue.known())
                : one.host() + " has no port " + one.port(),
            "what is told to '" + one.name() + "' is lost until it is there");
      }
    }
  }

  private static void told(MeshConfig config, Problems problems) {
    Set<String> names = new TreeSet<>();
    config.proxySettings().stream()
        .flatMap(one -> one.blocks().collectors().stream())
        .forEach(one -> names.add(one.name()));
    for (Telemetry one : config.telemetries()) {
      String name = one.tracing().flatMap(Tracing::provider).orElse("");
      if (!name.isEmpty() && !names.contains(name)) {
        problems.warning(
            Codes.UNKNOWN_PROVIDER,
            one.meta().place(),
            "spec.tracing[0].providers[0].name",
            "no collector '" + name + "'" + Hosts.existing(names),
            "until ProxySettings' extensionProviders have it, no span is reported");
      }
    }
  }

  private static void reachable(
      ExternalAuthorizer one, String path, Catalogue catalogue, Problems problems) {
    String at = path + (one.http().isPresent() ? ".envoyExtAuthzHttp" : ".envoyExtAuthzGrpc");
    if (one.host().isEmpty()) {
      return; // told where it is read
    }
    Optional<Set<Integer>> ports = catalogue.ports(one.host());
    if (ports.isEmpty()) {
      problems.warning(
          Codes.UNKNOWN_HOST,
          one.place(),
          at + ".service",
          "no service '" + one.host() + "'" + Hosts.existing(catalogue.known()),
          "policies that name '" + one.name() + "' deny what they match until it is there");
    } else if (!ports.get().contains(one.port())) {
      problems.warning(
          Codes.UNKNOWN_PORT,
          one.place(),
          at + ".port",
          one.host()
              + " has no port "
              + one.port()
              + " (it has: "
              + ports.get().stream().map(String::valueOf).collect(Collectors.joining(", "))
              + ")",
          "policies that name '" + one.name() + "' deny what they match until it has");
    }
  }

  private static void known(AuthorizationPolicy policy, Set<String> names, Problems problems) {
    String name = policy.provider().orElse("");
    if (!names.contains(name)) {
      String near = Nearest.to(name, names).map(one -> "did you mean '" + one + "'? ").orElse("");
      problems.warning(
          Codes.UNKNOWN_PROVIDER,
          policy.meta().place(),
          PROVIDER,
          "no provider '" + name + "'" + Hosts.existing(names),
          near
              + "until ProxySettings' extensionProviders have it, all that the rules match is denied");
    }
  }

  /** Whether both may hold for one workload. */
  private static boolean together(AuthorizationPolicy first, AuthorizationPolicy second) {
    boolean near =
        first.meta().namespace().equals(second.meta().namespace())
            || Meta.ROOT_NAMESPACES.contains(first.meta().namespace())
            || Meta.ROOT_NAMESPACES.contains(second.meta().namespace());
    boolean selected =
        first.selector().entrySet().stream()
            .allMatch(
                label ->
                    second
                        .selector()
                        .getOrDefault(label.getKey(), label.getValue())
                        .equals(label.getValue()));
    boolean apart =
        !first.targets().isEmpty()
            && !second.targets().isEmpty()
            && first.targets().stream().noneMatch(second.targets()::contains);
    return near && selected && !apart;
  }

  private static void several(
      AuthorizationPolicy older, AuthorizationPolicy policy, Problems problems) {
    problems.warning(
        Codes.CONFLICT,
        policy.meta().place(),
        PROVIDER,
        "provider '"
            + policy.provider().orElse("")
            + "' where AuthorizationPolicy "
            + older.meta().qualifiedName()
            + " ("
            + older.meta().place()
            + ") asks '"
            + older.provider().orElse("")
            + "'",
        "a workload asks one provider: one for which both hold denies what either matches");
  }
}
