package dev.weft.routing.admin.canary;

import dev.weft.routing.admin.AdminSource;
import dev.weft.routing.admin.AdminView;
import dev.weft.routing.admin.canary.MeasuredShares.Since;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.telemetry.rule.RuleCounts.Count;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The rules of this proxy that divide, and what it counted of each share. */
public final class ProxyShares implements Dividing {

  private static final String VERSION = "version";
  private static final String UNKNOWN = "unknown";
  private static final String FIRST = "1"; // version of a configuration

  private final Vertx vertx;
  private final Ticker ticker;
  private final AdminSource admin;
  private final Supplier<Map<String, Map<String, Count>>> counts;
  private final MeasuredShares measured = new MeasuredShares();

  /**
   * @param counts requests so far, by rule and cluster
   */
  public ProxyShares(
      Vertx vertx,
      Ticker ticker,
      AdminSource admin,
      Supplier<Map<String, Map<String, Count>>> counts) {
    this.vertx = vertx;
    this.ticker = ticker;
    this.admin = admin;
    this.counts = counts;
  }

  @Override
  public List<AdminView.Route> rules() {
    Map<String, AdminView.Route> all = new LinkedHashMap<>(); // one may stand in several tables
    admin.routes().stream()
        .filter(rule -> rule.shares().size() > 1)
        .forEach(rule -> all.putIfAbsent(rule.name(), rule));
    return List.copyOf(all.values());
  }

  /** Notices that weights are others. */
  @Override
  public void changed() {
    look(rules());
  }

  private Map<String, Since> look(List<AdminView.Route> rules) {
    AdminView.Config config = admin.config();
    boolean only = config.version().equals(FIRST);
    long at = only ? config.applied().toEpochMilli() : ticker.epochMillis();
    return measured.looked(rules, counts.get(), at, only);
  }

  @Override
  public Future<Map<String, Measured>> measured(List<AdminView.Route> rules) {
    return vertx.executeBlocking(() -> told(rules), false);
  }

  private Map<String, Measured> told(List<AdminView.Route> rules) {
    Map<String, Since> since = look(rules);
    Map<String, Map<String, Count>> now = counts.get();
    Map<String, List<String>> versions = versions();
    Map<String, Measured> all = new HashMap<>();
    for (AdminView.Route rule : rules) {
      Since begun = since.getOrDefault(rule.name(), new Since(rule.shares(), 0, Map.of()));
      Map<String, Count> got = now.getOrDefault(rule.name(), Map.of());
      List<Part> parts =
          rule.shares().stream()
              .map(AdminView.Share::cluster)
              .map(one -> new Part(begun.of(one, got), versions.getOrDefault(one, List.of())))
              .toList();
      all.put(rule.name(), new Measured(begun.at(), parts));
    }
    return all;
  }

  /** Labels of the endpoints that a cluster has. */
  private Map<String, List<String>> versions() {
    Map<String, List<String>> all = new HashMap<>();
    for (AdminView.Cluster cluster : admin.clusters()) {
      all.put(
          cluster.name(),
          cluster.endpoints().stream()
              .map(endpoint -> endpoint.labels().getOrDefault(VERSION, UNKNOWN))
              .distinct()
              .sorted()
              .toList());
    }
    return all;
  }
}
