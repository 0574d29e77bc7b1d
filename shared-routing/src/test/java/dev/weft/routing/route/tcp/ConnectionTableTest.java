package dev.weft.routing.route.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.Gateway.Host;
import dev.weft.config.model.MeshConfig;
import dev.weft.routing.route.DecisionSink;
import dev.weft.routing.route.tcp.ConnectionTable.Chosen;
import dev.weft.routing.route.tcp.ConnectionTable.Meant;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConnectionTableTest {

  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: db, namespace: prod}
      spec:
        hosts: [db, "*.db.test"]
        gateways: [mesh, edge]
        tls:
        - match: [{sniHosts: [a.db.test]}, {sniHosts: [p.db.test], port: 444}]
          route: [{destination: {host: to-a, port: {number: 1}}}]
        - match: [{sniHosts: ["*.db.test"], destinationSubnets: [10.1.0.0/16, "fd00::/64"]}]
          route: [{destination: {host: to-wide, port: {number: 1}}}]
        - match: [{sniHosts: ["*.x.db.test"]}]
          route: [{destination: {host: to-x, port: {number: 1}}}]
        tcp:
        - match: [{port: 5433}]
          route: [{destination: {host: to-port, port: {number: 1}}}]
        - match: [{destinationSubnets: [10.2.0.0/16]}]
          route: [{destination: {host: to-net, port: {number: 1}}}]
        - match: [{sourceLabels: {app: other}}, {sourceNamespace: other}, {gateways: [edge], port: 9}]
          route: [{destination: {host: to-nobody, port: {number: 1}}}]
        - match: [{sourceLabels: {app: shop}, port: 7}]
          route: [{destination: {host: to-shop, port: {number: 1}}}]
        - route: [{destination: {host: to-rest, port: {number: 1}}}]
        - route: [{destination: {host: to-never, port: {number: 1}}}]
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: younger, namespace: prod, creationTimestamp: 2026-01-01T00:00:00Z}
      spec:
        hosts: [db, second]
        gateways: [mesh, edge]
        tcp: [{route: [{destination: {host: to-younger, port: {number: 1}}}]}]
      """;
  private static final String PORTS =
      """
      ---
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: split}
      spec:
        hosts: [split]
        tcp:
        - route:
          - {destination: {host: one}, weight: 70}
          - {destination: {host: many, subset: v2}, weight: 30}
          - {destination: {host: many, subset: v3}, weight: 0}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: one}
      spec: {ports: [{name: tcp, port: 11}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: many}
      spec: {ports: [{name: http, port: 80}, {name: tcp, port: 22}, {name: db, port: 33}]}
      """;

  private static MeshConfig config(String text) {
    LoadResult result = ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text)));
    assertThat(result.accepted()).as(result.problems().toString()).isTrue();
    return result.config();
  }

  private static ConnectionTable mesh() {
    return ConnectionTableCompiler.mesh(config(RULES), "prod", Map.of("app", "shop"));
  }

  private static ConnectionHead head(String address, int port, String name) {
    Optional<String> asked = Optional.ofNullable(name).map(one -> one.equals("-") ? "" : one);
    return new ConnectionHead(new InetSocketAddress(address, port), asked);
  }

  private static Optional<Meant> meant(String host) {
    return Optional.ofNullable(host).map(one -> new Meant(one, true));
  }

  private static String reached(Optional<Chosen> chosen) {
    return chosen.map(to -> to.cluster().host().split("\\.", 2)[0]).orElse("nowhere");
  }

  @ParameterizedTest
  @CsvSource({
    "a.db.test, 10.1.0.1, 443, to-a",
    "p.db.test, 10.9.0.1, 444, to-a",
    "p.db.test, 10.1.0.1, 443, to-wide",
    "p.db.test, 10.9.0.1, 443, nowhere",
    "b.db.test, fd00::9, 443, to-wide",
    "b.db.test, fd01::9, 443, nowhere",
    "b.x.db.test, 10.1.0.1, 443, to-x",
    "db.test, 10.1.0.1, 443, nowhere",
    "-, 10.1.0.1, 443, nowhere",
    ", 10.1.0.1, 443, nowhere"
  })
  void tlsGoesByTheClosestNameOfItsHandshake(
      String name, String address, int port, String expected) {
    assertThat(
            reached(
                mesh().decide(head(address, port, name), Optional.empty(), 1, DecisionSink.NONE)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "db.prod.svc.cluster.local, 10.9.0.1, 5433, to-port",
    "db.prod.svc.cluster.local, 10.2.0.1, 5432, to-net",
    "db.prod.svc.cluster.local, 10.9.0.1, 7, to-shop",
    "db.prod.svc.cluster.local, 10.9.0.1, 9, to-rest",
    "x.db.test, 10.9.0.1, 9, to-rest",
    "second.prod.svc.cluster.local, 10.9.0.1, 9, to-younger",
    "third.prod.svc.cluster.local, 10.2.0.1, 9, nowhere",
    ", 10.2.0.1, 9, to-net",
    ", 10.9.0.1, 5433, nowhere"
  })
  void anythingElseGoesByItsServiceThenTheFirstRuleAndTheOldestVirtualServiceHasAHost(
      String service, String address, int port, String expected) {
    assertThat(
            reached(mesh().decide(head(address, port, null), meant(service), 1, DecisionSink.NONE)))
        .isEqualTo(expected);
  }

  @Test
  void anAddressOfAServiceMeansNoOtherOneWhateverNameIsAskedFor() {
    ConnectionHead head = head("10.1.0.1", 443, "a.db.test");

    Optional<Meant> own = Optional.of(new Meant("third.prod.svc.cluster.local", true));
    Optional<Meant> alone = Optional.of(new Meant("third.prod.svc.cluster.local", false));

    assertThat(reached(mesh().decide(head, own, 1, DecisionSink.NONE))).isEqualTo("nowhere");
    assertThat(reached(mesh().decide(head, alone, 1, DecisionSink.NONE))).isEqualTo("to-a");
    assertThat(reached(mesh().decide(head, meant("y.db.test"), 1, DecisionSink.NONE)))
        .isEqualTo("to-a");
  }

  @Test
  void ofAGatewayAllRulesCountThatNameItWhateverServiceIsMeant() {
    Map<String, List<Host>> hosts = Map.of("prod/edge", List.of(new Host("*", "*")));
    ConnectionTable table =
        ConnectionTableCompiler.gateway(config(RULES), hosts, "edge", Map.of("app", "shop"));

    assertThat(
            reached(
                table.decide(head("10.9.0.1", 9, null), Optional.empty(), 1, DecisionSink.NONE)))
        .as("a match of its own gateways")
        .isEqualTo("to-nobody");
    assertThat(
            reached(
                table.decide(head("10.9.0.1", 7, null), Optional.empty(), 1, DecisionSink.NONE)))
        .as("nobody's labels are known there")
        .isEqualTo("to-rest");
    assertThat(
            reached(
                table.decide(
                    head("10.9.0.1", 1, "a.db.test"), Optional.empty(), 1, DecisionSink.NONE)))
        .isEqualTo("to-a");
    assertThat(
            ConnectionTableCompiler.gateway(
                    config(RULES),
                    Map.of("prod/edge", List.of(new Host("*", "elsewhere.test"))),
                    "edge",
                    Map.of())
                .rules())
        .as("of no host that it has")
        .isEmpty();
  }

  @Test
  void eachConnectionIsDrawnByWeightAndGoesToTheOnlyPortOrTheOneThatWasMeant() {
    ConnectionTable table = ConnectionTableCompiler.mesh(config(PORTS), "default", Map.of());
    SplittableRandom seeds = new SplittableRandom(7);
    Map<String, Integer> counts = new HashMap<>();

    for (int i = 0; i < 10_000; i++) {
      Optional<Meant> split = meant("split.default.svc.cluster.local");
      Chosen chosen =
          table
              .decide(
                  head("10.0.0.1", i % 2 == 0 ? 22 : 99, null),
                  split,
                  seeds.nextLong(),
                  DecisionSink.NONE)
              .orElseThrow();
      counts.merge(chosen.cluster().toString(), 1, Integer::sum);
    }

    assertThat(counts.keySet())
        .containsExactlyInAnyOrder(
            "outbound|11||one.default.svc.cluster.local",
            "outbound|22|v2|many.default.svc.cluster.local",
            "outbound|80|v2|many.default.svc.cluster.local");
    assertThat(counts.get("outbound|11||one.default.svc.cluster.local")).isBetween(6_800, 7_200);
    assertThat(table.rules().get(0).clusters()).hasSize(7);
  }

  @Test
  void itsTraceNamesEachRuleThatWasTriedAndWhyItDidNotHold() {
    List<String> told = new ArrayList<>();

    mesh()
        .decide(
            head("10.2.0.1", 5432, "b.db.test"),
            meant("x.db.test"),
            1,
            (rule, place, outcome) -> told.add(rule + ": " + outcome));

    assertThat(told)
        .containsExactly(
            "prod/db#tls[1]: no destinationSubnet has the address",
            "prod/db#tcp[0]: port is not 5433",
            "prod/db#tcp[1]: ");
  }
}
