package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.Decision.Forward;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sticky rules in a table: whose version is decided by whom, at each hop. */
final class StickyRoutesTest {

  private static final Caller CALLER = Caller.anonymous("10.0.0.1", 1, 80, false);
  private static final String HEADER = "{header: x-user}";

  @Test
  void aUserStaysWhateverTheSeed() {
    RouteTable table = mesh(config(HEADER, 50, 50));

    for (int user = 0; user < 100; user++) {
      Set<String> versions = new HashSet<>();
      for (int seed = 0; seed < 20; seed++) {
        versions.add(version(table, "x-user", "user " + user, seed));
      }
      assertThat(versions).as("user %d", user).hasSize(1);
    }
  }

  @Test
  void usersAreSpread() {
    RouteTable table = mesh(config(HEADER, 50, 50));

    assertThat(versions(table).values()).contains("v1", "v2");
  }

  @Test
  void withoutTheHeaderEachRequestIsDrawnByItself() {
    RouteTable table = mesh(config(HEADER, 50, 50));
    Set<String> versions = new HashSet<>();
    for (int seed = 0; seed < 100; seed++) {
      versions.add(version(table, "x-other", "same", seed));
    }

    assertThat(versions).containsExactlyInAnyOrder("v1", "v2");
  }

  @Test
  void gatewayAndSidecarAgree() {
    MeshConfig config = config(HEADER, 30, 70);
    RouteTable gateway =
        RouteTableCompiler.gateways(
            config,
            Map.of("default/edge", List.of(new Gateway.Host("*", "*"))),
            "edge",
            Map.of("app", "gateway"),
            new RouteTableCompiler.Memory());

    assertThat(versions(gateway)).isEqualTo(versions(mesh(config)));
  }

  @Test
  void anEditOfTheSettingsReachesRulesThatDidNotChange() {
    RouteTableCompiler.Memory memory = new RouteTableCompiler.Memory();
    ConfigLoader loader = new ConfigLoader();
    RouteTable drawn = mesh(read(loader, rules(50, 50), ""), memory);
    RouteTable sticky = mesh(read(loader, rules(50, 50), settings(HEADER)), memory);
    RouteTable again = mesh(read(loader, rules(50, 50), ""), memory);

    assertThat(drawn.routes().get(0).cohorts()).isEmpty();
    assertThat(sticky.routes().get(0).cohorts()).isPresent();
    assertThat(again.routes().get(0).cohorts()).isEmpty();
  }

  @Test
  void aRuleWithoutTheSettingsIsDrawnAsEver() {
    RouteTable table = mesh(config("{header: x-user}", 50, 50));
    RouteTable plain = mesh(read(new ConfigLoader(), rules(50, 50), ""));
    Map<Integer, String> byStickyNobody = new java.util.HashMap<>();
    Map<Integer, String> byPlain = new java.util.HashMap<>();
    for (int seed = 0; seed < 100; seed++) {
      byStickyNobody.put(seed, version(table, "x-other", "same", seed));
      byPlain.put(seed, version(plain, "x-other", "same", seed));
    }

    assertThat(byStickyNobody).isEqualTo(byPlain);
  }

  private static Map<String, String> versions(RouteTable table) {
    return java.util.stream.IntStream.range(0, 200)
        .mapToObj(user -> "user " + user)
        .collect(Collectors.toMap(user -> user, user -> version(table, "x-user", user, 3)));
  }

  private static String version(RouteTable table, String header, String value, long seed) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add(header, value);
    Decision decision =
        table.decide(
            new RequestHead("GET", "http", "shop.test", "/", "", headers),
            CALLER,
            seed,
            DecisionSink.NONE);
    return ((Forward) decision.action()).cluster().subset();
  }

  private static RouteTable mesh(MeshConfig config) {
    return mesh(config, new RouteTableCompiler.Memory());
  }

  private static RouteTable mesh(MeshConfig config, RouteTableCompiler.Memory memory) {
    return RouteTableCompiler.mesh(config, "default", Map.of(), memory);
  }

  private static MeshConfig config(String key, int first, int second) {
    return read(new ConfigLoader(), rules(first, second), settings(key));
  }

  private static MeshConfig read(ConfigLoader loader, String rules, String settings) {
    LoadResult result =
        loader.read(
            List.of(
                new ConfigDocument("test", "rules.yaml", rules),
                new ConfigDocument("test", "settings.yaml", settings)));
    assertThat(result.accepted()).as("%s", result.problems()).isTrue();
    return result.config();
  }

  private static String settings(String key) {
    return """
    apiVersion: weft.dev/v1
    kind: ProxySettings
    metadata: {name: default}
    spec: {routes: [{match: {host: search.test}, sticky: %s}]}
    """
        .formatted(key);
  }

  private static String rules(int first, int second) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: search}
    spec:
      hosts: [shop.test]
      gateways: [mesh, edge]
      http:
      - route:
        - {destination: {host: search.test, subset: v1}, weight: %d}
        - {destination: {host: search.test, subset: v2}, weight: %d}
    """
        .formatted(first, second);
  }
}
