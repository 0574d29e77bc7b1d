package dev.weft.config.istio.balance;

import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.TrafficPolicy;
import dev.weft.config.model.TrafficPolicy.LoadBalancer;
import dev.weft.config.model.TrafficPolicy.LoadBalancer.Simple;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.balance.HealthCheck.Probe;
import dev.weft.config.model.balance.SuccessRate;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import dev.weft.config.yaml.Nearest;
import dev.weft.config.yaml.YamlNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Reads what Istio has no field for from annotations of a DestinationRule, so that the rule stays
 * one that Istio's own schema takes.
 */
public final class Annotations {

  /** What all of ours begin with. */
  private static final String OURS = "weft.dev/";

  private static final String BALANCER = OURS + "load-balancer";
  private static final String CHECK = OURS + "health-check";
  private static final String PATH = CHECK + "-path";
  private static final String HOST = CHECK + "-host";
  private static final String SERVICE = CHECK + "-service";
  private static final String PORT = CHECK + "-port";
  private static final String INTERVAL = CHECK + "-interval";
  private static final String TIMEOUT = CHECK + "-timeout";
  private static final String UNHEALTHY = CHECK + "-unhealthy-after";
  private static final String HEALTHY = CHECK + "-healthy-after";
  private static final String RATE = OURS + "success-rate-";
  private static final String EJECTION = RATE + "ejection";
  private static final String HOSTS = RATE + "hosts";
  private static final String REQUESTS = RATE + "requests";
  private static final String FACTOR = RATE + "factor";
  private static final List<String> ALL =
      List.of(
          BALANCER, CHECK, PATH, HOST, SERVICE, PORT, INTERVAL, TIMEOUT, UNHEALTHY, HEALTHY,
          EJECTION, HOSTS, REQUESTS, FACTOR);
  private static final int MOST = 1_000_000;
  private static final int LAST_PORT = 65_535;
  private static final int MOST_IN_A_ROW = 100;
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(10);

  private final Fields fields;
  private final Optional<Simple> balancer;
  private final Optional<HealthCheck> check;
  private final Optional<SuccessRate> rate;

  /**
   * @param fields {@code metadata.annotations}; what is not ours is passed over
   */
  public Annotations(Fields fields) {
    this.fields = fields;
    for (YamlNode.Entry entry : fields.entries()) {
      if (entry.key().startsWith(OURS) && !ALL.contains(entry.key())) {
        fields
            .problems()
            .error(
                Codes.UNKNOWN_FIELD,
                entry.keyPlace(),
                fields.path(entry.key()),
                "unknown annotation '" + Fields.shortened(entry.key()) + "'",
                Nearest.to(entry.key(), ALL)
                    .map(word -> "did you mean '" + word + "'?")
                    .orElse("there are: " + String.join(", ", ALL)));
      }
    }
    this.balancer = balancer();
    this.check = check();
    this.rate = rate();
  }

  private Optional<Simple> balancer() {
    Optional<String> word = fields.text(BALANCER);
    if (word.isPresent() && !word.get().equals(Simple.PEAK_EWMA.name())) {
      fields.unknownValue(BALANCER, word.get(), List.of(Simple.PEAK_EWMA.name()));
    }
    return word.map(any -> Simple.PEAK_EWMA);
  }

  /** What a {@code loadBalancer} that names no balancer means. */
  public Simple simple() {
    return balancer.orElse(Simple.LEAST_REQUEST);
  }

  /**
   * A rule's policy, and its ports', balanced as the annotation says where they name nothing, and
   * {@link #rated}.
   */
  public TrafficPolicy applied(TrafficPolicy policy) {
    return rated(balancer.isEmpty() ? policy : each(policy, this::balanced));
  }

  private TrafficPolicy balanced(TrafficPolicy policy) {
    return policy.balancedBy(policy.loadBalancer().orElse(LoadBalancer.of(simple())));
  }

  /** A policy, and its ports', whose outlier detection goes by success rates where that is said. */
  public TrafficPolicy rated(TrafficPolicy policy) {
    return rate.isEmpty() ? policy : each(policy, own -> detecting(own, rate.get()));
  }

  private static TrafficPolicy detecting(TrafficPolicy policy, SuccessRate by) {
    return new TrafficPolicy(
        policy.loadBalancer(),
        policy.connectionPool(),
        policy.outlierDetection().map(detection -> detection.by(by)),
        policy.tls(),
        policy.retryBudget(),
        policy.proxyProtocol(),
        policy.portLevel());
  }

  private static TrafficPolicy each(TrafficPolicy policy, UnaryOperator<TrafficPolicy> changed) {
    Map<Integer, TrafficPolicy> ports = new LinkedHashMap<>();
    policy.portLevel().forEach((port, own) -> ports.put(port, changed.apply(own)));
    TrafficPolicy whole = changed.apply(policy);
    return new TrafficPolicy(
        whole.loadBalancer(),
        whole.connectionPool(),
        whole.outlierDetection(),
        whole.tls(),
        whole.retryBudget(),
        whole.proxyProtocol(),
        ports);
  }

  /** Warns where success rates have nothing to work on. */
  public void look(DestinationRule rule) {
    boolean detects =
        Stream.concat(
                Stream.of(rule.trafficPolicy()),
                rule.subsets().stream().flatMap(subset -> subset.trafficPolicy().stream()))
            .flatMap(
                policy -> Stream.concat(Stream.of(policy), policy.portLevel().values().stream()))
            .anyMatch(policy -> policy.outlierDetection().isPresent());
    if (rate.isPresent() && !detects) {
      fields.warning(
          Codes.TRAP,
          EJECTION,
          EJECTION + " has no effect without outlierDetection",
          "write outlierDetection, whose interval, times and shares hold for it");
    }
  }

  private Optional<SuccessRate> rate() {
    Optional<String> word = fields.text(EJECTION);
    if (word.isEmpty()) {
      List.of(HOSTS, REQUESTS, FACTOR).stream()
          .filter(fields::has)
          .findFirst()
          .ifPresent(
              name ->
                  fields.error(
                      Codes.MISSING_FIELD,
                      name,
                      "no " + EJECTION + " (expected: \"on\")",
                      "without it success rates do not count"));
      return Optional.empty();
    }
    if (!word.get().equals("on")) {
      fields.unknownValue(EJECTION, word.get(), List.of("on"));
    }
    return Optional.of(
        new SuccessRate(
            fields.integer(HOSTS, 2, MOST, 5),
            fields.integer(REQUESTS, 1, MOST, 100),
            fields.integer(FACTOR, 1, MOST, 1900)));
  }

  /** How its endpoints are asked; empty where they are not. */
  public Optional<HealthCheck> healthCheck() {
    return check;
  }

  private Optional<HealthCheck> check() {
    Optional<String> kind = fields.text(CHECK);
    if (kind.isEmpty()) {
      ALL.stream()
          .filter(name -> name.startsWith(CHECK) && fields.has(name))
          .findFirst()
          .ifPresent(
              name ->
                  fields.error(
                      Codes.MISSING_FIELD,
                      name,
                      "no " + CHECK + " (expected: http, tcp or grpc)",
                      "without it nothing is checked"));
      return Optional.empty();
    }
    Duration interval = fields.duration(INTERVAL, LEAST_INTERVAL).orElse(DEFAULT_INTERVAL);
    Duration timeout = fields.duration(TIMEOUT, LEAST_TIMEOUT).orElse(DEFAULT_TIMEOUT);
    return probe(kind.get())
        .map(
            probe ->
                new HealthCheck(
                    probe,
                    fields.integer(PORT, 1, LAST_PORT),
                    interval,
                    timeout,
                    fields.integer(UNHEALTHY, 1, MOST_IN_A_ROW, 3),
                    fields.integer(HEALTHY, 1, MOST_IN_A_ROW, 2)));
  }

  private Optional<Probe> probe(String kind) {
    switch (kind) {
      case "http" -> {
        useless(kind, SERVICE);
        String path = fields.text(PATH, "/");
        if (!path.matches("/[!-~]*")) {
          fields.error(
              Codes.UNKNOWN_VALUE,
              PATH,
              "'" + Fields.shortened(path) + "' (expected: a path such as /healthz)",
              "");
        }
        return Optional.of(new Probe.Http(path, fields.text(HOST, "")));
      }
      case "tcp" -> {
        useless(kind, SERVICE, PATH, HOST);
        return Optional.of(new Probe.Tcp());
      }
      case "grpc" -> {
        useless(kind, PATH, HOST);
        return Optional.of(new Probe.Grpc(fields.text(SERVICE, "")));
      }
      default -> {
        fields.unknownValue(CHECK, kind, List.of("http", "tcp", "grpc"));
        return Optional.empty();
      }
    }
  }

  private void useless(String kind, String... names) {
    for (String name : names) {
      if (fields.has(name)) {
        fields.warning(Codes.TRAP, name, name + " beside " + kind + " has no effect", "remove it");
      }
    }
  }
}
