package dev.weft.routing.process.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.ConfigDocument;
import dev.weft.config.ConfigLoader;
import dev.weft.config.LoadResult;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import dev.weft.config.problem.Place;
import dev.weft.config.problem.Problem;
import dev.weft.routing.authorization.Authorization;
import dev.weft.routing.authorization.AuthorizationCompiler;
import dev.weft.routing.exchange.Caller;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.exchange.Workload;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * A rule of which it is told that it does nothing does nothing: no request knows that it is gone.
 */
class PolicyLintPropertyTest {

  private static final Workload AT = new Workload("default", "x", "cluster.local", Map.of());
  private static final String TOGETHER = "several";
  private static final Set<String> WHOLE = Set.of("WF122", "WF142", "WF143");
  private static final List<String> PATHS = List.of("/a", "/a/b", "/ab", "/b", "/a%2Fb", "/a//b");
  private static final List<String> PATH_WORDS =
      List.of("/a", "/a*", "/a/*", "'*b'", "'*'", "/b", "'/a/{*}'", "/a%2Fb");
  private static final List<String> METHODS = List.of("GET", "POST", "get");
  private static final List<String> METHOD_WORDS = List.of("GET", "POST", "P*", "'*'");
  private static final List<String> HOSTS = List.of("a.test", "A.test:80", "b.test", "a.test.");
  private static final List<String> HOST_WORDS =
      List.of("a.test", "'*.test'", "'a.test:80'", "a.*", "A.TEST");
  private static final List<String> NAMESPACES = List.of("", "n", "nx", "m");
  private static final List<String> NAMESPACE_WORDS = List.of("n", "n*", "'*'", "m");
  private static final List<String> VALUES = List.of("", "v", "v, w", "w");
  private static final List<String> VALUE_WORDS = List.of("v", "w", "v*", "'*'");

  private static final Map<String, Integer> FOUND = new HashMap<>();

  @Property(tries = 400)
  void whatIsToldOfDoesNothing(@ForAll long seed) {
    Random random = new Random(seed);
    List<List<String>> policies = new ArrayList<>();
    for (int i = 0; i < 2 + random.nextInt(2); i++) {
      List<String> rules = new ArrayList<>();
      for (int j = 0; j < 1 + random.nextInt(3); j++) {
        rules.add(rule(random));
      }
      policies.add(rules);
    }
    check(policies);
  }

  /** Rules that are alike, so that several of them often leave nothing. */
  @Property(tries = 400)
  void norDoesWhatSeveralDenyTogether(@ForAll long seed) {
    Random random = new Random(seed);
    check(
        List.of(
            List.of(plain(random)),
            List.of(plain(random), plain(random)),
            List.of(plain(random)),
            List.of(plain(random), plain(random))));
  }

  private static String plain(Random random) {
    List<String> fields = new ArrayList<>();
    if (random.nextInt(3) == 0) {
      String name = random.nextBoolean() ? "paths" : "notPaths";
      fields.add(name + ": " + list(random, List.of("/a", "'/a*'", "/a%2Fb")));
    }
    if (random.nextInt(3) > 0 || fields.isEmpty()) {
      String name = random.nextBoolean() ? "methods" : "notMethods";
      fields.add(name + ": " + list(random, METHOD_WORDS.subList(0, 2)));
    }
    if (random.nextInt(8) == 0) {
      String name = random.nextBoolean() ? "hosts" : "notHosts";
      fields.add(name + ": " + list(random, HOST_WORDS));
    }
    return "{to: [{operation: {" + String.join(", ", fields) + "}}]}";
  }

  private static void check(List<List<String>> policies) {
    LoadResult loaded = loaded(policies, -1, -1);
    Authorization whole = compiled(loaded);

    for (Problem problem : Lint.check(loaded)) {
      for (int i = 0; i < policies.size() && WHOLE.contains(problem.code()); i++) {
        for (int j = 0; j < policies.get(i).size(); j++) {
          Place at = loaded.config().authorizationPolicies().get(i).rules().get(j).place();
          if (at.equals(problem.place())) {
            FOUND.merge(problem.code(), 1, Integer::sum);
            if (problem.message().contains("deny together")) {
              FOUND.merge(TOGETHER, 1, Integer::sum);
            }
            same(whole, compiled(loaded(policies, i, j)), problem);
          }
        }
      }
    }
  }

  @AfterContainer
  static void someWereFound() {
    for (String often : List.of("WF142", "WF143", TOGETHER)) {
      assertThat(FOUND.getOrDefault(often, 0)).as("%s in %s", often, FOUND).isGreaterThan(20);
    }
  }

  private static String rule(Random random) {
    return "{from: [{source: {namespaces: "
        + list(random, NAMESPACE_WORDS)
        + not(random, "notNamespaces", NAMESPACE_WORDS)
        + "}}], to: [{operation: {paths: "
        + list(random, PATH_WORDS)
        + not(random, "notPaths", PATH_WORDS)
        + (random.nextInt(3) == 0 ? ", methods: " + list(random, METHOD_WORDS) : "")
        + not(random, "notMethods", METHOD_WORDS)
        + (random.nextInt(3) == 0 ? ", hosts: " + list(random, HOST_WORDS) : "")
        + not(random, "notHosts", HOST_WORDS)
        + "}}]"
        + (random.nextInt(3) == 0
            ? ", when: [{key: 'request.headers[x]', values: "
                + list(random, VALUE_WORDS)
                + not(random, "notValues", VALUE_WORDS)
                + "}]"
            : "")
        + "}";
  }

  private static String list(Random random, List<String> words) {
    String first = words.get(random.nextInt(words.size()));
    return "["
        + first
        + (random.nextBoolean() ? ", " + words.get(random.nextInt(words.size())) : "")
        + "]";
  }

  private static String not(Random random, String name, List<String> words) {
    return random.nextInt(5) == 0 ? ", " + name + ": " + list(random, words) : "";
  }

  /** Without one rule; a policy that allows and has none denies all the same. */
  private static LoadResult loaded(List<List<String>> policies, int policy, int rule) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < policies.size(); i++) {
      List<String> rules = new ArrayList<>(policies.get(i));
      if (i == policy) {
        rules.remove(rule);
      }
      boolean denies = i % 2 == 1;
      boolean left = !rules.isEmpty();
      if (left || !denies) {
        text.append("---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n")
            .append("metadata: {name: p")
            .append(i)
            .append("}\nspec:\n  action: ")
            .append(denies ? "DENY" : "ALLOW")
            .append(left ? "\n  rules:\n" : "\n");
        rules.forEach(one -> text.append("  - ").append(one).append('\n'));
      }
    }
    LoadResult loaded =
        ConfigLoader.load(List.of(new ConfigDocument("test", "a.yaml", text.toString())));
    assertThat(loaded.accepted()).as("%s", loaded.problems()).isTrue();
    return loaded;
  }

  private static Authorization compiled(LoadResult loaded) {
    return new AuthorizationCompiler(loaded.config(), AT, Ambiguous.STRICT).requests();
  }

  private static void same(Authorization with, Authorization without, Problem problem) {
    for (String path : PATHS) {
      for (String method : METHODS) {
        for (String host : HOSTS) {
          for (String namespace : NAMESPACES) {
            for (String value : VALUES) {
              MultiMap headers = MultiMap.caseInsensitiveMultiMap();
              if (!value.isEmpty()) {
                headers.set("x", value);
              }
              RequestHead head = new RequestHead(method, "http", host, path, "", headers);
              Caller nobody = Caller.anonymous("127.0.0.1", 1, 80, true);
              Caller caller =
                  namespace.isEmpty()
                      ? nobody
                      : nobody.proved(
                          "spiffe://cluster.local/ns/" + namespace + "/sa/x", namespace);
              assertThat(without.decide(head, headers, caller, 80).allowed())
                  .as("%s: %s %s", problem, head, namespace)
                  .isEqualTo(with.decide(head, headers, caller, 80).allowed());
            }
          }
        }
      }
    }
  }
}
