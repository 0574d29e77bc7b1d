package dev.weft.routing.admin;

import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.telemetry.trace.HopTrace;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A process with one rule, one upstream and one certificate. */
final class FakeSource implements AdminSource {

  List<HopTrace> traces = List.of();
  List<AdminView.Share> shares = List.of(new AdminView.Share("outbound|80|v1|search", 95));
  final AtomicInteger drains = new AtomicInteger();
  volatile List<String> missing = List.of();
  volatile boolean broken;
  private final Map<String, String> levels = new TreeMap<>(Map.of("root", "INFO"));

  @Override
  public List<String> notReady() {
    return missing;
  }

  @Override
  public String metrics() {
    return "istio_requests_total{reporter=\"source\"} 1.0\n";
  }

  @Override
  public String openMetrics() {
    return "istio_requests_total{reporter=\"source\"} 1.0\n# EOF\n";
  }

  @Override
  public AdminView.Config config() {
    if (broken) {
      throw new IllegalStateException("a secret place in the code");
    }
    return new AdminView.Config(
        "v43",
        Instant.parse("2026-11-24T12:00:00Z"),
        Duration.ofMillis(84),
        List.of("dir:prod"),
        List.of(
            new Problem(
                Problem.Severity.WARNING,
                "WF121",
                new Place("search.yaml", 14, 17),
                "spec.http[0]",
                "subset 'v3' is not defined",
                "write v2")),
        1,
        Optional.of(new AdminView.Lint("done", Duration.ofMillis(7), 1)));
  }

  @Override
  public List<AdminView.Route> routes() {
    return List.of(
        new AdminView.Route(
            List.of("search.test"),
            "default/search#0",
            "every request",
            "",
            shares,
            "search.yaml:9:7"));
  }

  @Override
  public List<AdminView.Cluster> clusters() {
    return List.of(
        new AdminView.Cluster(
            "outbound|80|v1|search",
            "closed",
            3,
            2,
            1,
            0,
            List.of(
                new AdminView.Endpoint(
                    "10.42.0.3:9080",
                    "ejected",
                    4,
                    0,
                    1,
                    Map.of("version", "v1"),
                    new AdminView.Balance(
                        3, "eu/a", OptionalInt.of(1), 0.3, 0.5, OptionalDouble.of(12.5))))));
  }

  @Override
  public List<AdminView.CertificateFault> certificateFaults() {
    return List.of(new AdminView.CertificateFault("acme", "prod/shop", "too many"));
  }

  @Override
  public List<HopTrace> traces() {
    return traces;
  }

  @Override
  public List<AdminView.Certificate> certificates() {
    return List.of(
        new AdminView.Certificate(
            "spiffe://cluster.local/ns/prod/sa/gateway",
            "CN=Weft",
            Instant.parse("2026-11-24T11:55:00Z"),
            Instant.parse("2026-11-25T12:00:00Z")));
  }

  @Override
  public Future<Explanation> explain(Question question) {
    if (!question.connection() && !question.url().startsWith("http://")) {
      throw new IllegalArgumentException("url: " + question.url() + " (expected: http://...)");
    }
    JsonObject json =
        new JsonObject()
            .put("method", question.method())
            .put("url", question.url())
            .put("headers", question.headers().toString());
    question.serverName().ifPresent(name -> json.put("sni", name));
    return Future.succeededFuture(new Explanation(json, "YES  every request\n"));
  }

  @Override
  public synchronized Map<String, String> logLevels() {
    return Map.copyOf(levels);
  }

  @Override
  public synchronized void logLevel(String logger, String level) {
    if (!List.of("info", "debug").contains(level)) {
      throw new IllegalArgumentException("level: " + level + " (expected: info or debug)");
    }
    levels.put(logger, level);
  }

  @Override
  public void drain() {
    drains.incrementAndGet();
  }
}
