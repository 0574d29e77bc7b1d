package dev.weft.benchmarks;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Route tables of any length, by way of the same YAML that a user would write. */
final class Tables {

  private static final String SERVICE =
      """
      apiVersion: networking.istio.io/v1
      kind: ServiceEntry
      metadata: {name: backend}
      spec:
        hosts: [backend.test]
        resolution: STATIC
        ports: [{number: 80, name: http, protocol: HTTP}]
        endpoints: [{address: 127.0.0.1}]
      """;
  private static final String RULES =
      """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: %s}
      spec:
        hosts: [%s]
        http:
      """;
  private static final String TO = "route: [{destination: {host: backend.test}}]";

  private Tables() {}

  /** All rules under the host {@code app.test}, behind them one that takes everything. */
  static RouteTable oneHost(int count, IntFunction<String> match) {
    String rules =
        IntStream.range(0, count)
            .mapToObj(i -> "  - {match: [%s], %s}\n".formatted(match.apply(i), TO))
            .collect(Collectors.joining());
    return compiled(RULES.formatted("app", "app.test") + rules + "  - {%s}\n".formatted(TO));
  }

  /** A host for each rule: {@code app-0.test} and so on. */
  static RouteTable manyHosts(int count) {
    return compiled(
        IntStream.range(0, count)
            .mapToObj(
                i -> RULES.formatted("app-" + i, "app-" + i + ".test") + "  - {%s}\n".formatted(TO))
            .collect(Collectors.joining("---\n")));
  }

  private static RouteTable compiled(String rules) {
    ConfigDocument document = new ConfigDocument("table", "table.yaml", SERVICE + "---\n" + rules);
    return RouteTableCompiler.mesh(
        ConfigLoader.load(List.of(document)).config(), "default", Map.of());
  }
}
