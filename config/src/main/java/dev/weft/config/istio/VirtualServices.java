package dev.weft.config.istio;

import dev.weft.config.istio.route.ConnectionRoutes;
import dev.weft.config.istio.route.Destinations;
import dev.weft.config.istio.route.GatewayNames;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.HttpMatch;
import dev.weft.config.model.HttpRoute;
import dev.weft.config.model.HttpRoute.Mirror;
import dev.weft.config.model.Meta;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.tcp.ConnectionMatch;
import dev.weft.config.model.tcp.ConnectionRoute;
import dev.weft.config.problem.Codes;
import dev.weft.config.problem.Place;
import dev.weft.config.yaml.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a VirtualService. */
final class VirtualServices {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final int MILLION = 1_000_000;

  private static final Set<StringMatch> UNSAFE =
      Set.of(new StringMatch.Exact("POST"), new StringMatch.Exact("PATCH"));

  private final HostNames hosts;

  VirtualServices(HostNames hosts) {
    this.hosts = hosts;
  }

  VirtualService read(Meta meta, Fields spec) {
    List<String> names = hosts(meta, spec);
    List<String> gateways = GatewayNames.read(spec, meta.namespace());
    if (gateways.isEmpty()) {
      gateways = List.of(VirtualService.MESH);
    }
    if (gateways.contains(VirtualService.MESH)) {
      names.stream()
          .filter(name -> name.equals("*") || HostNames.address(name))
          .forEach(
              name ->
                  spec.error(
                      Codes.HOST,
                      "hosts",
                      "host '" + name + "' for the mesh (expected: names)",
                      "name a gateway for it"));
    }
    List<HttpRoute> http = new ArrayList<>();
    for (Fields rule : spec.objects("http")) {
      http.add(route(meta, rule));
    }
    names(spec, http);
    if (!names.isEmpty()) { // a delegate holds where its root does
      HttpMatches.outsideOfGateways(spec, gateways, http);
    }
    Destinations destinations = new Destinations(hosts, meta.namespace());
    ConnectionRoutes connections = new ConnectionRoutes(destinations, meta.namespace(), names);
    List<ConnectionRoute> tls = connections.tls(spec);
    List<ConnectionRoute> tcp = connections.tcp(spec);
    some(spec, names);
    if (!gateways.contains(VirtualService.MESH)) {
      sources(spec, http);
      sources(spec, "tls", tls);
      sources(spec, "tcp", tcp);
    }
    List<String> exportTo = exportTo(meta, spec);
    spec.done();
    return new VirtualService(meta, names, gateways, exportTo, http, tls, tcp, List.of());
  }

  /** There is at least one kind of rules, and of a delegate no other than for requests. */
  private static void some(Fields spec, List<String> hosts) {
    boolean connections = spec.has("tls") || spec.has("tcp");
    if (!spec.has("http") && !connections) {
      spec.problems()
          .error(
              Codes.MISSING_FIELD,
              spec.place(),
              spec.path(),
              "no rules (expected: http[], tls[] or tcp[])",
              "");
    }
    if (hosts.isEmpty() && connections) {
      spec.error(
          Codes.CONFLICT,
          spec.has("tls") ? "tls" : "tcp",
          "tls or tcp without hosts (expected: http alone in a delegate)",
          "write hosts");
    }
  }

  /** Who calls is known inside the mesh only. */
  private static void sources(Fields spec, List<HttpRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      for (HttpMatch match : rules.get(i).matches()) {
        boolean source = !match.sourceLabels().isEmpty() || !match.sourceNamespace().isEmpty();
        if (source && match.gateways().isEmpty()) {
          noSource(spec, match.place(), "http[" + i + "].match", "request");
        }
      }
    }
  }

  private static void sources(Fields spec, String kind, List<ConnectionRoute> rules) {
    for (int i = 0; i < rules.size(); i++) {
      for (ConnectionMatch match : rules.get(i).matches()) {
        boolean source = !match.sourceLabels().isEmpty() || !match.sourceNamespace().isEmpty();
        if (source && match.gateways().isEmpty()) {
          noSource(spec, match.place(), kind + "[" + i + "].match", "connection");
        }
      }
    }
  }

  private static void noSource(Fields spec, Place place, String field, String what) {
    spec.problems()
        .warning(
            Codes.UNREACHABLE,
            place,
            spec.path(field),
            "sourceLabels and sourceNamespace hold for no " + what + " of a gateway",
            "add mesh to gateways, or remove them");
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
    for (String wide : all) {
      all.stream()
          .filter(name -> !name.equals(wide) && HostNames.covers(wide, name))
          .forEach(
              name ->
                  spec.error(
                      Codes.DUPLICATE_NAME,
                      "hosts",
                      "host '" + name + "' is within '" + wide + "' (expected: one of them)",
                      "write two VirtualServices where they differ"));
    }
    return all;
  }

  /** Rules are told apart by their names, in logs and where a rule keeps its last target. */
  private static void names(Fields spec, List<HttpRoute> rules) {
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      String name = rules.get(i).name();
      Integer before = name.isEmpty() ? null : seen.putIfAbsent(name, i);
      if (before != null) {
        spec.problems()
            .warning(
                Codes.DUPLICATE_NAME,
                rules.get(i).place(),
                spec.path("http") + "[" + i + "].name",
                "rule '" + name + "' a second time (first http[" + before + "])",
                "rename one of them");
      }
    }
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
    Destinations destinations = new Destinations(hosts, meta.namespace());
    HttpActions actions = new HttpActions(destinations, meta.namespace());
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
            mirrors(destinations, rule),
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
    Optional<Duration> timeout = rule.duration("timeout", MILLISECOND);
    if (timeout.isPresent() && timeout.get().toNanosPart() % MILLION != 0) {
      String shown = "timeout " + rule.text("timeout", "") + " (expected: whole milliseconds)";
      rule.error(Codes.OUT_OF_RANGE, "timeout", shown, "");
    }
    return timeout;
  }

  private static List<Mirror> mirrors(Destinations destinations, Fields rule) {
    List<Mirror> all = new ArrayList<>();
    rule.object("mirror")
        .map(destinations::destination)
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
        all.add(new Mirror(destinations.destination(destination.get()), share));
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
    authorities(rule, route);
    onlyWithKey(rule, route);
    slashes(rule, route);
  }

  /** The authority may be set at one place only. */
  private static void authorities(Fields rule, HttpRoute route) {
    boolean rewritten = route.rewrite().flatMap(HttpRoute.Rewrite::authority).isPresent();
    boolean edited = route.headers().request().authority().isPresent();
    if (rewritten && edited) {
      rule.error(
          Codes.CONFLICT,
          "rewrite",
          "rewrite.authority beside a host among headers.request (expected: one)",
          "");
    }
    boolean finer =
        route.action() instanceof HttpAction.Route to
            && to.destinations().stream()
                .anyMatch(one -> one.headers().request().authority().isPresent());
    if (finer && (rewritten || edited)) {
      rule.warning(
          Codes.NOT_HONOURED,
          "route",
          "a destination's host among headers.request does not count beside the rule's own",
          "set it at one of the two");
    }
  }

  private static void onlyWithKey(Fields rule, HttpRoute route) {
    boolean unsafe =
        !route.matches().isEmpty()
            && route.matches().stream()
                .allMatch(match -> match.method().filter(UNSAFE::contains).isPresent());
    if (unsafe && route.retries().filter(one -> !one.retryOn().isEmpty()).isPresent()) {
      rule.warning(
          Codes.TRAP,
          "retries",
          "retryOn repeats POST and PATCH only with the header Idempotency-Key",
          "what never reached an endpoint is repeated in any case");
    }
  }

  private static void slashes(Fields rule, HttpRoute route) {
    boolean toSlash =
        route
            .rewrite()
            .flatMap(HttpRoute.Rewrite::uri)
            .filter(uri -> uri.endsWith("/"))
            .isPresent();
    if (toSlash && route.matches().stream().anyMatch(VirtualServices::endsWithin)) {
      rule.warning(
          Codes.TRAP,
          "rewrite",
          "a prefix without a slash at its end becomes one with it: /a/b goes out as //b",
          "match the prefix with its slash too, e.g. two matches: exact /a and prefix /a/");
    }
  }

  /** A prefix that does not end with a slash, so that what follows it may begin with one. */
  private static boolean endsWithin(HttpMatch match) {
    return match.uri().orElse(null) instanceof StringMatch.Prefix prefix
        && !prefix.value().isEmpty()
        && !prefix.value().endsWith("/");
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
