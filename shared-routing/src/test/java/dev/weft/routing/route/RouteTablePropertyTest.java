package dev.weft.routing.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The index gives the answer that trying all rules in their order gives. */
class RouteTablePropertyTest {

  private static final List<String> PATHS =
      List.of("/", "/a", "/a/b", "/ab", "/a/b/c", "/A", "/x", "/x/1", "/x/2", "/long/path/here");
  private static final List<String> VALUES = List.of("1", "2", "3", "4", "5", "6", "7", "8");
  private static final List<String> HOSTS =
      List.of("a.example.com", "b.example.com", "c.b.example.com", "other.org");
  private static final List<String> AUTHORITIES =
      List.of(
          "{exact: a.example.com}",
          "{exact: 'b.example.com:8080'}",
          "{prefix: a}",
          "{regex: '.*org'}");
  private static final List<Integer> PORTS = List.of(8080, 9090, 80);

  @Property(tries = 300)
  void theIndexAnswersAsTheLinearScanDoes(@ForAll long seed) {
    Random random = new Random(seed);
    RouteTable table = table(random);

    for (int i = 0; i < 60; i++) {
      RequestHead request = request(random);
      Caller caller =
          Caller.anonymous("127.0.0.1", 1, PORTS.get(random.nextInt(PORTS.size())), false);
      String indexed = table.decide(request, caller, 0, DecisionSink.NONE).route().name();
      assertThat(indexed).as("%s", request).isEqualTo(scanned(table, request, caller));
    }
  }

  /** An explanation tries one rule after the other and stops at the first that holds. */
  private static String scanned(RouteTable table, RequestHead request, Caller caller) {
    AtomicReference<String> chosen = new AtomicReference<>("-");
    table.decide(
        request,
        caller,
        0,
        (rule, place, outcome) -> {
          if (outcome.isEmpty()) {
            chosen.set(rule);
          }
        });
    return chosen.get();
  }

  private static RouteTable table(Random random) {
    StringBuilder text = new StringBuilder();
    int services = 1 + random.nextInt(3);
    for (int i = 0; i < services; i++) {
      text.append("apiVersion: networking.istio.io/v1\nkind: VirtualService\n");
      text.append("metadata: {name: s").append(i).append("}\nspec:\n  hosts: [");
      text.append(random.nextInt(4) == 0 ? "'*.example.com'" : one(random, HOSTS));
      text.append("]\n  http:\n");
      int rules = 1 + random.nextInt(40);
      for (int j = 0; j < rules; j++) {
        rule(text, random);
      }
      text.append("---\n");
    }
    LoadResult result =
        ConfigLoader.load(List.of(new ConfigDocument("t", "t.yaml", text.toString())));
    assertThat(result.accepted()).as("%s\n%s", result.problems(), text).isTrue();
    return RouteTableCompiler.mesh(result.config(), "default", Map.of("app", "web"));
  }

  private static void rule(StringBuilder text, Random random) {
    text.append("  - route: [{destination: {host: backend.org}}]\n");
    int matches = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(2);
    if (matches > 0) {
      text.append("    match:\n");
    }
    for (int i = 0; i < matches; i++) {
      text.append("    - ignoreUriCase: ").append(random.nextInt(8) == 0).append('\n');
      uri(text, random);
      named(text, random, "headers", "x-user");
      named(text, random, "withoutHeaders", "x-not");
      named(text, random, "queryParams", "q");
      rarely(text, random, 4, "method", List.of("{exact: GET}", "{prefix: P}", "{regex: 'G.T'}"));
      rarely(text, random, 8, "scheme", List.of("{exact: http}", "{exact: https}", "{regex: h.*}"));
      rarely(text, random, 6, "authority", AUTHORITIES);
      rarely(text, random, 8, "port", List.of("8080", "9090"));
      rarely(text, random, 10, "sourceLabels", List.of("{app: web}", "{app: other}"));
      rarely(text, random, 10, "sourceNamespace", List.of("default", "other"));
      rarely(text, random, 10, "gateways", List.of("[mesh]", "[default/edge]"));
    }
  }

  private static void rarely(
      StringBuilder text, Random random, int one, String field, List<String> values) {
    if (random.nextInt(one) == 0) {
      text.append("      %s: %s\n".formatted(field, one(random, values)));
    }
  }

  private static void uri(StringBuilder text, Random random) {
    String path = one(random, PATHS);
    switch (random.nextInt(5)) {
      case 0 -> text.append("      uri: {exact: ").append(path).append("}\n");
      case 1, 2 -> text.append("      uri: {prefix: ").append(path).append("}\n");
      case 3 -> text.append("      uri: {regex: '").append(path).append("[a-z/]*'}\n");
      default -> {
        // any path
      }
    }
  }

  private static void named(StringBuilder text, Random random, String kind, String name) {
    switch (random.nextInt(7)) {
      case 0, 1 ->
          text.append("      %s: {%s: {exact: '%s'}}\n".formatted(kind, name, one(random, VALUES)));
      case 2 -> text.append("      %s: {%s: {}}\n".formatted(kind, name));
      case 3 -> text.append("      %s: {%s: {prefix: '1'}}\n".formatted(kind, name));
      case 4 -> text.append("      %s: {%s: {regex: '[1-4]'}}\n".formatted(kind, name));
      default -> {
        // nothing asked
      }
    }
  }

  private static RequestHead request(Random random) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    if (random.nextBoolean()) {
      headers.add("X-User", one(random, VALUES));
    }
    if (random.nextInt(4) == 0) {
      headers.add("x-not", one(random, VALUES));
    }
    String query = random.nextBoolean() ? "" : "z=0&q=" + one(random, VALUES);
    String method = random.nextBoolean() ? "GET" : "POST";
    String port = random.nextInt(3) == 0 ? ":8080" : "";
    String scheme = random.nextInt(4) == 0 ? "https" : "http";
    return new RequestHead(
        method, scheme, one(random, HOSTS) + port, one(random, PATHS), query, headers);
  }

  private static String one(Random random, List<String> of) {
    return of.get(random.nextInt(of.size()));
  }
}
