package dev.weft.routing.route;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.Decision;
import dev.weft.routing.exchange.RequestHead;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    List<String> hosts = hosts(random);
    RouteTable table = table(random, hosts);

    for (int i = 0; i < 60; i++) {
      RequestHead request = request(random);
      Caller caller =
          Caller.anonymous("127.0.0.1", 1, PORTS.get(random.nextInt(PORTS.size())), false);
      Decision indexed = table.decide(request, caller, seed, DecisionSink.NONE);
      List<String> tried = new ArrayList<>();
      Decision scanned =
          table.decide(request, caller, seed, (rule, place, outcome) -> tried.add(rule));
      assertThat(indexed.route()).as("%s", request).isEqualTo(scanned.route());
      assertThat(indexed.target()).as("%s", request).isEqualTo(scanned.target());
      assertThat(tried).allMatch(rule -> rule.startsWith(service(request, hosts)), "of the host");
      assertThat(tried).isSortedAccordingTo(comparing(RouteTablePropertyTest::number));
    }
  }

  /**
   * The service whose rules are tried: of the exact host before a wider one, the oldest of each.
   */
  private static String service(RequestHead request, List<String> hosts) {
    String host = request.authority().replaceFirst(":.*", "");
    int exact = hosts.indexOf(host);
    int wide = host.endsWith(".example.com") ? hosts.indexOf("*.example.com") : -1;
    return "default/s" + (exact >= 0 ? exact : wide) + "#";
  }

  private static int number(String rule) {
    return Integer.parseInt(rule.substring(rule.indexOf('#') + 1));
  }

  private static List<String> hosts(Random random) {
    List<String> hosts = new ArrayList<>();
    int services = 1 + random.nextInt(3);
    for (int i = 0; i < services; i++) {
      hosts.add(random.nextInt(4) == 0 ? "*.example.com" : one(random, HOSTS));
    }
    return hosts;
  }

  private static RouteTable table(Random random, List<String> hosts) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < hosts.size(); i++) {
      text.append("apiVersion: networking.istio.io/v1\nkind: VirtualService\n");
      text.append("metadata: {name: s").append(i).append("}\nspec:\n  hosts: [");
      text.append("'").append(hosts.get(i)).append("']\n  http:\n");
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
    if (random.nextInt(3) == 0) {
      text.append("    rewrite: {uri: /new}\n");
    }
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
