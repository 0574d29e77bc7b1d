package dev.weft.config.istio;

import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Mirror;
import dev.weft.config.model.Meta;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a VirtualService. */
final class VirtualServices {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final int MILLION = 1_000_000;

  private final HostNames hosts;

  VirtualServices(HostNames hosts) {
    this.hosts = hosts;
  }

  VirtualService read(Meta meta, Fields spec) {
    List<String> names = hosts(meta, spec);
    List<String> gateways = HttpMatches.gateways(spec, meta.namespace());
    if (gateways.isEmpty()) {
      gateways = List.of(VirtualService.MESH);
    }
    if (names.contains("*") && gateways.contains(VirtualService.MESH)) {
      spec.error(
          Codes.HOST, "hosts", "host '*' for the mesh (expected: names)", "name a gateway for it");
    }
    List<HttpRoute> http = new ArrayList<>();
    for (Fields rule : spec.objects("http")) {
      http.add(route(meta, rule));
    }
    spec.notHonoured("tls", "tcp");
    if (!spec.has("http") && !spec.has("tls") && !spec.has("tcp")) {
      spec.problems()
          .error(Codes.MISSING_FIELD, spec.place(), spec.path(), "no rules (expected: http[])", "");
    }
    List<String> exportTo = exportTo(meta, spec);
    spec.done();
    return new VirtualService(meta, names, gateways, exportTo, http);
  }

  private List<String> hosts(Meta meta, Fields spec) {
    List<String> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String host : spec.texts("hosts")) {
      HostNames.check(spec, "hosts", host);
      String name = hosts.resolve(host, meta.namespace());
      if (!seen.add(name)) {
        spec.error(Codes.DUPLICATE_NAME, "hosts", "host '" + host + "' a second time", "");
      }
      all.add(name);
    }
    return all;
  }

  /** Namespaces that may see a resource, {@code .} already the own one. */
  static List<String> exportTo(Meta meta, Fields spec) {
    List<String> all =
        spec.texts("exportTo").stream()
            .map(name -> name.equals(".") ? meta.namespace() : name)
            .toList();
    return all.isEmpty() ? List.of("*") : all;
  }

  private HttpRoute route(Meta meta, Fields rule) {
    HttpActions actions = new HttpActions(hosts, meta.namespace());
    List<HttpMatch> matches = HttpMatches.read(rule, meta.namespace());
    HttpAction action = actions.read(rule);
    HttpRoute route =
        new HttpRoute(
            rule.text("name", ""),
            matches,
            action,
            HttpPolicies.rewrite(rule),
            HttpActions.headers(rule),
            timeout(rule),
            HttpPolicies.retries(rule),
            HttpPolicies.fault(rule),
            mirrors(actions, rule),
            HttpPolicies.cors(rule),
            rule.place());
    rule.notHonoured("websocketUpgrade", "decorator");
    conflicts(rule, route);
    rule.done();
    return route;
  }

  private static Optional<Duration> timeout(Fields rule) {
    if (rule.text("timeout", "").matches("0(\\.0*)?(s|ms|m|h)?")) {
      return Optional.empty();
    }
    return rule.duration("timeout", MILLISECOND);
  }

  private static List<Mirror> mirrors(HttpActions actions, Fields rule) {
    List<Mirror> all = new ArrayList<>();
    rule.object("mirror")
        .map(actions::destination)
        .ifPresent(
            to ->
                all.add(
                    new Mirror(
                        to, HttpPolicies.perMillion(rule, "mirrorPercentage", share(rule)))));
    if (rule.has("mirrorPercentage") && !rule.has("mirror")) {
      rule.error(Codes.CONFLICT, "mirrorPercentage", "mirrorPercentage without mirror", "");
    }
    for (Fields fields : rule.objects("mirrors")) {
      Optional<Fields> destination = fields.object("destination");
      int share = HttpPolicies.perMillion(fields, "percentage", MILLION);
      if (destination.isEmpty()) {
        fields.error(Codes.MISSING_FIELD, "destination", "destination is missing", "");
      } else {
        all.add(new Mirror(actions.destination(destination.get()), share));
      }
      fields.done();
    }
    if (rule.has("mirror") && rule.has("mirrors")) {
      rule.error(Codes.CONFLICT, "mirrors", "mirrors beside mirror (expected: one)", "");
    }
    return all;
  }

  private static int share(Fields rule) {
    for (String name : List.of("mirrorPercent", "mirror_percent")) {
      if (rule.has(name)) {
        rule.warning(Codes.DEPRECATED, name, name + " is deprecated", "write mirrorPercentage");
        return rule.integer(name, 0, 100, 100) * (MILLION / 100);
      }
    }
    return MILLION;
  }

  private static void conflicts(Fields rule, HttpRoute route) {
    boolean answers =
        route.action() instanceof HttpAction.Redirect
            || route.action() instanceof HttpAction.DirectResponse;
    if (answers) {
      for (String name : List.of("fault", "rewrite")) {
        if (rule.has(name)) {
          rule.error(
              Codes.CONFLICT,
              name,
              name + " beside an answer of the proxy's own (expected: none)",
              "");
        }
      }
    }
    if (route.fault().isPresent() && (rule.has("timeout") || rule.has("retries"))) {
      rule.warning(
          Codes.NOT_HONOURED,
          "fault",
          "timeout and retries do not count on a rule with a fault",
          "move them to a rule without one");
    }
    prefixRedirect(rule, route);
  }

  private static void prefixRedirect(Fields rule, HttpRoute route) {
    boolean prefixes =
        route.matches().stream()
            .allMatch(match -> match.uri().orElse(null) instanceof StringMatch.Prefix);
    if (route.action() instanceof HttpAction.Redirect redirect
        && redirect.prefixRewrite().isPresent()
        && (!prefixes || route.matches().isEmpty())) {
      rule.error(
          Codes.CONFLICT, "redirect", "prefixRewrite needs a match of uri.prefix", "or write uri");
    }
  }
}
