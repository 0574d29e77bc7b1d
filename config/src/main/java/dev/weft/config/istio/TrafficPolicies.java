package dev.weft.config.istio;

import dev.weft.config.istio.balance.LoadBalancers;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.ClientTls;
import dev.weft.config.model.TrafficPolicy.ClientTls.Mode;
import dev.weft.config.model.TrafficPolicy.ConnectionPool;
import dev.weft.config.model.TrafficPolicy.ConnectionPool.H2Upgrade;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.TrafficPolicy.OutlierDetection;
import dev.weft.config.model.TrafficPolicy.ProxyProtocol;
import dev.weft.config.model.TrafficPolicy.RetryBudget;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.YamlNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads a {@code trafficPolicy}. */
final class TrafficPolicies {

  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final int LAST_PORT = 65535;
  private static final int MOST = Integer.MAX_VALUE;

  private static final List<String> ALL =
      List.of(
          "clientCertificate", "privateKey", "caCertificates", "caCrl", "sni", "subjectAltNames");
  private static final Map<Mode, List<String>> USELESS =
      Map.of(
          Mode.DISABLE, ALL,
          Mode.ISTIO_MUTUAL, ALL,
          Mode.SIMPLE, List.of("clientCertificate", "privateKey"));

  private TrafficPolicies() {}

  /**
   * @param simple the balancer where none is named
   */
  static TrafficPolicy read(Fields fields, Simple simple) {
    Map<Integer, TrafficPolicy> ports = new LinkedHashMap<>();
    for (Fields port : fields.objects("portLevelSettings")) {
      OptionalInt number =
          port.object("port").map(TrafficPolicies::number).orElse(OptionalInt.empty());
      if (number.isEmpty()) {
        port.error(
            Codes.MISSING_FIELD, "port", "port.number is missing (expected: 1 to 65535)", "");
      }
      TrafficPolicy policy = blocks(port, Map.of(), simple);
      port.done();
      if (number.isPresent() && ports.put(number.getAsInt(), policy) != null) {
        port.error(
            Codes.DUPLICATE_NAME, "port", "port " + number.getAsInt() + " a second time", "");
      }
    }
    TrafficPolicy policy = blocks(fields, ports, simple);
    fields.done();
    if (fields.empty()) {
      fields
          .problems()
          .warning(
              Codes.MISSING_FIELD, fields.place(), fields.path(), "trafficPolicy says nothing", "");
    }
    return policy;
  }

  private static OptionalInt number(Fields port) {
    OptionalInt number = port.integer("number", 1, LAST_PORT);
    port.done();
    return number;
  }

  private static TrafficPolicy blocks(
      Fields fields, Map<Integer, TrafficPolicy> ports, Simple simple) {
    TrafficPolicy policy =
        new TrafficPolicy(
            fields.object("loadBalancer").map(block -> LoadBalancers.read(block, simple)),
            fields.object("connectionPool").map(TrafficPolicies::pool),
            fields.object("outlierDetection").map(TrafficPolicies::outlier),
            fields.object("tls").map(TrafficPolicies::tls),
            fields.object("retryBudget").map(TrafficPolicies::budget),
            fields.object("proxyProtocol").map(TrafficPolicies::header),
            ports);
    fields.notHonoured("tunnel");
    return policy;
  }

  private static ProxyProtocol header(Fields fields) {
    ProxyProtocol version = fields.word("version", ProxyProtocol.class).orElse(ProxyProtocol.V1);
    fields.done();
    return version;
  }

  private static ConnectionPool pool(Fields fields) {
    ConnectionPool absent = ConnectionPool.DEFAULT;
    Fields tcp = nested(fields, "tcp");
    Fields http = nested(fields, "http");
    OptionalInt connections = limit(tcp, "maxConnections");
    Duration connect = tcp.duration("connectTimeout", MILLISECOND).orElse(absent.connectTimeout());
    Optional<Duration> longest = tcp.duration("maxConnectionDuration", MILLISECOND);
    Optional<Duration> tcpIdle = tcp.duration("idleTimeout", Duration.ZERO);
    tcp.notHonoured("tcpKeepalive");
    tcp.done();
    ConnectionPool pool =
        new ConnectionPool(
            connections,
            connect,
            longest,
            tcpIdle,
            limit(http, "http1MaxPendingRequests"),
            limit(http, "http2MaxRequests"),
            limit(http, "maxRetries"),
            limit(http, "maxRequestsPerConnection"),
            http.duration("idleTimeout", Duration.ZERO).orElse(absent.httpIdleTimeout()),
            http.word("h2UpgradePolicy", H2Upgrade.class).orElse(H2Upgrade.DEFAULT),
            http.flag("useClientProtocol", false),
            limit(http, "maxConcurrentStreams"));
    http.notHonoured("http2KeepAlive");
    if (pool.useClientProtocol() && pool.h2Upgrade() == H2Upgrade.UPGRADE) {
      http.error(Codes.CONFLICT, "useClientProtocol", "useClientProtocol beside UPGRADE", "");
    }
    http.done();
    fields.done();
    return pool;
  }

  private static Fields nested(Fields fields, String name) {
    YamlNode nothing = new YamlNode.Mapping(fields.place(), List.of());
    return fields
        .object(name)
        .orElseGet(() -> Fields.of(nothing, fields.path(name), fields.problems()));
  }

  /** A number where 0 and absence mean no limit. */
  private static OptionalInt limit(Fields fields, String name) {
    OptionalInt value = fields.integer(name, 0, MOST);
    return value.isPresent() && value.getAsInt() == 0 ? OptionalInt.empty() : value;
  }

  private static OutlierDetection outlier(Fields fields) {
    int fives = fields.integer("consecutive5xxErrors", 0, MOST, 5);
    if (fields.has("consecutiveErrors")) {
      fields.warning(
          Codes.DEPRECATED, "consecutiveErrors", "deprecated", "write consecutive5xxErrors");
      fives = fields.integer("consecutiveErrors", 0, MOST, fives);
    }
    boolean split = fields.flag("splitExternalLocalOriginErrors", false);
    OptionalInt local = fields.integer("consecutiveLocalOriginFailures", 0, MOST);
    if (local.isPresent() && !split) {
      fields.error(
          Codes.CONFLICT,
          "consecutiveLocalOriginFailures",
          "counts only with splitExternalLocalOriginErrors: true",
          "set it, or remove this");
    }
    List<Integer> codes = new ArrayList<>();
    for (String code : fields.texts("outlierDetectionHttpErrorCodes")) {
      if (code.matches("[1-5]\\d\\d")) {
        codes.add(Integer.parseInt(code));
      } else {
        fields.error(
            Codes.OUT_OF_RANGE,
            "outlierDetectionHttpErrorCodes",
            code + " (expected: 100 to 599)",
            "");
      }
    }
    OutlierDetection detection =
        new OutlierDetection(
            fives,
            fields.integer("consecutiveGatewayErrors", 0, MOST, 0),
            split,
            local.orElse(5),
            fields.duration("interval", MILLISECOND).orElse(Duration.ofSeconds(10)),
            fields.duration("baseEjectionTime", MILLISECOND).orElse(Duration.ofSeconds(30)),
            fields.integer("maxEjectionPercent", 0, 100, 10),
            fields.integer("minHealthPercent", 0, 100, 0),
            codes,
            Optional.empty());
    fields.done();
    return detection;
  }

  private static ClientTls tls(Fields fields) {
    Mode mode = fields.word("mode", Mode.class).orElse(Mode.DISABLE);
    if (!fields.has("mode")) {
      fields.error(
          Codes.MISSING_FIELD,
          "mode",
          "mode is missing (expected: DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL)",
          "without it Istio would switch TLS off");
    }
    ClientTls tls =
        new ClientTls(
            mode,
            fields.text("clientCertificate", ""),
            fields.text("privateKey", ""),
            fields.text("caCertificates", ""),
            fields.text("caCrl", ""),
            fields.text("sni", ""),
            fields.texts("subjectAltNames"),
            fields.text("credentialName", ""),
            false);
    if (fields.flag("insecureSkipVerify", false)) {
      fields.error(
          Codes.SECURITY_NOT_HONOURED,
          "insecureSkipVerify",
          "insecureSkipVerify true (expected: false)",
          "Weft verifies every certificate; name the authority in caCertificates");
    }
    fields.refused("credentialName");
    if (!tls.caCrl().isEmpty() && tls.caCertificates().isEmpty()) {
      fields.error(
          Codes.CONFLICT,
          "caCrl",
          "caCrl without caCertificates (expected: both)",
          "whose certificates it revokes must be known");
    }
    if (mode == Mode.MUTUAL
        && tls.credentialName().isEmpty()
        && (tls.clientCertificate().isEmpty() || tls.privateKey().isEmpty())) {
      fields.error(
          Codes.MISSING_FIELD,
          "mode",
          "MUTUAL without clientCertificate and privateKey (expected: both, or credentialName)",
          "");
    }
    USELESS.getOrDefault(mode, List.of()).forEach(name -> useless(fields, mode, name));
    fields.done();
    return tls;
  }

  /** What a mode has no use for was meant to secure something. */
  private static void useless(Fields fields, Mode mode, String name) {
    if (fields.has(name)) {
      fields.error(
          Codes.CONFLICT,
          name,
          name + " beside mode " + mode + " (expected: none)",
          "nothing would be done with it");
    }
  }

  private static RetryBudget budget(Fields fields) {
    RetryBudget budget =
        new RetryBudget(
            fields.number("percent", 0, 100).orElse(20),
            fields.integer("minRetryConcurrency", 0, MOST, 3));
    fields.notHonoured("budgetInterval");
    fields.done();
    return budget;
  }
}
