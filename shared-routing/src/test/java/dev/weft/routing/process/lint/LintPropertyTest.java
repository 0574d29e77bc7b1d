package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.route.RouteTable;
import dev.weft.routing.route.RouteTableCompiler;
import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Random rules and random requests: who is said to get none gets none. */
final class LintPropertyTest {

  private static final long SEED = 20_261_129;
  private static final int SETS = 400;
  private static final int REQUESTS = 2_000;
  private static final List<String> PATHS = List.of("/", "/a", "/ab", "/a/b", "/a/bc", "/b", "/q");
  private static final List<String> TEXTS = List.of("a", "ab", "b", "");
  private static final List<String> METHODS = List.of("GET", "POST", "DELETE");

  private final Random random = new Random(SEED);

  private String one(List<String> all) {
    return all.get(random.nextInt(all.size()));
  }

  private String text(String value) {
    return switch (random.nextInt(4)) {
      case 0 -> "{prefix: \"" + (value.isEmpty() ? "a" : value) + "\"}";
      case 1 -> "{regex: \"" + value + "[a-b]*\"}";
      case 2 -> "{}";
      default -> "{exact: \"" + value + "\"}";
    };
  }

  private String path() {
    String path = one(PATHS);
    return switch (random.nextInt(4)) {
      case 0, 1 -> "{prefix: " + path + "}";
      case 2 -> "{regex: \"" + path + "[a-b/]*\"}";
      default -> "{exact: " + path + "}";
    };
  }

  private String match() {
    StringBuilder match = new StringBuilder("uri: ").append(path());
    if (random.nextInt(4) == 0) {
      match.append(", method: {exact: ").append(one(METHODS)).append('}');
    }
    if (random.nextInt(3) == 0) {
      match.append(", headers: {x: ").append(text(one(TEXTS))).append('}');
    }
    if (random.nextInt(3) == 0) {
      match.append(", withoutHeaders: {x: ").append(text(one(TEXTS))).append('}');
    }
    if (random.nextInt(5) == 0) {
      match.append(", queryParams: {q: ").append(text(one(TEXTS))).append('}');
    }
    if (random.nextInt(8) == 0) {
      match.append(", port: ").append(random.nextBoolean() ? 80 : 81);
    }
    if (random.nextInt(8) == 0) {
      match.append(", ignoreUriCase: true");
    }
    return "[{" + match + "}]";
  }

  private String rules() {
    StringBuilder text =
        new StringBuilder(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: a}
            spec:
              hosts: [a.test]
              http:
            """);
    int number = 2 + random.nextInt(6);
    for (int i = 0; i < number; i++) {
      text.append("  - match: ").append(match()).append("\n    directResponse: {status: 200}\n");
    }
    return text.toString();
  }

  private RequestHead request() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    if (random.nextInt(3) > 0) {
      headers.add("x", one(TEXTS) + one(TEXTS));
    }
    String path = one(PATHS) + (random.nextInt(3) == 0 ? one(List.of("/", "b", "X", "/c")) : "");
    String query = random.nextBoolean() ? "" : "q=" + one(TEXTS) + one(TEXTS);
    String authority = random.nextInt(4) == 0 ? "a.test:81" : "a.test";
    String method = random.nextInt(4) == 0 ? "PATCH" : one(METHODS);
    return new RequestHead(method, "http", authority, path, query, headers);
  }

  @Test
  void whoeverIsSaidToGetNoRequestGetsNone() {
    int told = 0;
    int together = 0;
    int unproved = 0; // what it asks of a header cannot be met, which no expression tells
    for (int set = 0; set < SETS; set++) {
      String text = rules();
      LoadResult loaded = ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text)));
      assertThat(loaded.accepted()).as("%s%n%s", text, loaded.problems()).isTrue();
      List<Problem> found = Lint.check(loaded);
      Set<Place> unreached =
          found.stream()
              .filter(one -> one.code().equals("WF122") || one.code().equals("WF137"))
              .map(Problem::place)
              .collect(Collectors.toSet());
      RouteTable table = RouteTableCompiler.mesh(loaded.config(), "default", Map.of());

      Set<Place> both = reached(table);
      both.retainAll(unreached);

      assertThat(both).as("%s%n%s", text, found).isEmpty();
      told += unreached.size();
      together += (int) found.stream().filter(one -> one.message().contains("together")).count();
      unproved += (int) found.stream().filter(one -> !one.message().contains("e.g. ")).count();
    }
    assertThat(told).isGreaterThan(SETS / 2);
    assertThat(together).isPositive();
    assertThat(unproved).isLessThan(told / 10);
  }

  private Set<Place> reached(RouteTable table) {
    Set<Place> reached = new HashSet<>();
    for (int i = 0; i < REQUESTS; i++) {
      RequestHead head = request();
      int port = head.authority().endsWith(":81") ? 81 : 80;
      table.decide(
          head,
          Caller.anonymous("127.0.0.1", 0, port, false),
          0,
          (rule, place, why) -> {
            if (why.isEmpty()) {
              reached.add(place);
            }
          });
    }
    return reached;
  }
}
