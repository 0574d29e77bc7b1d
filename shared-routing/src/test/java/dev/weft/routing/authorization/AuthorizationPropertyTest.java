package dev.weft.routing.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.AuthorizationPolicy.Action;
import dev.weft.config.model.security.AuthorizationPolicy.Operation;
import dev.weft.config.model.security.AuthorizationPolicy.Rule;
import dev.weft.config.model.security.AuthorizationPolicy.Source;
import dev.weft.config.model.security.AuthorizationPolicy.Values;
import dev.weft.config.model.settings.PathHandling.Ambiguous;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is compiled says what reading the policies one by one says. */
class AuthorizationPropertyTest {

  private static final List<String> PATHS =
      List.of("/", "/a", "/a/b", "/ab", "/admin", "/admin/x", "/v/1/x", "/a/..%2Fadmin", "/a//b");
  private static final List<String> PATH_WORDS =
      List.of("/a", "/a*", "/a/*", "*b", "*/b", "*x", "*", "/admin*", "/v/{*}/x", "/v/{**}", "/x");
  private static final List<String> METHODS = List.of("GET", "POST", "PUT");
  private static final List<String> IDS =
      List.of("", "t/ns/a/sa/x", "t/ns/a/sa/y", "t/ns/b/sa/x", "u/ns/b/sa/z");
  private static final List<String> ID_WORDS =
      List.of("t/ns/a/sa/x", "t/ns/a/*", "*/sa/x", "*", "u/ns/b/sa/z");

  @Property(tries = 500)
  void compiledPoliciesSayWhatReadingThemSays(@ForAll long seed) {
    Random random = new Random(seed);
    List<AuthorizationPolicy> policies =
        IntStream.range(0, random.nextInt(6)).mapToObj(i -> policy(random, i)).toList();
    Authorization compiled =
        new AuthorizationCompiler(
                AuthorizationFixture.config(policies),
                AuthorizationFixture.SEARCH,
                Ambiguous.STRICT)
            .requests();

    for (String path : PATHS) {
      String method = any(random, METHODS);
      String id = any(random, IDS);
      String request = "path=" + path + " method=" + method + (id.isEmpty() ? "" : " id=" + id);
      boolean expected =
          PathReadings.of(path).orElseThrow().stream()
              .allMatch(reading -> allowed(policies, reading, method, id));
      Verdict verdict = AuthorizationFixture.asked(compiled, request);
      assertThat(verdict.allowed()).as("%s: %s", request, verdict.by()).isEqualTo(expected);
    }
  }

  /** As the semantics are written. */
  private static boolean allowed(
      List<AuthorizationPolicy> policies, String path, String method, String id) {
    Function<Action, List<AuthorizationPolicy>> of =
        action -> policies.stream().filter(policy -> policy.action() == action).toList();
    Function<List<AuthorizationPolicy>, Boolean> matched =
        some ->
            some.stream()
                .flatMap(policy -> policy.rules().stream())
                .anyMatch(rule -> matches(rule, path, method, id));
    if (matched.apply(of.apply(Action.DENY))) {
      return false;
    }
    List<AuthorizationPolicy> allowing = of.apply(Action.ALLOW);
    return allowing.isEmpty() || matched.apply(allowing);
  }

  private static boolean matches(Rule rule, String path, String method, String id) {
    boolean from =
        rule.from().isEmpty()
            || rule.from().stream().anyMatch(source -> holds(source.principals(), id));
    boolean to =
        rule.to().isEmpty()
            || rule.to().stream()
                .anyMatch(
                    operation ->
                        holds(operation.paths(), path) && holds(operation.methods(), method));
    return from && to;
  }

  private static boolean holds(Values values, String text) {
    boolean in = values.in().isEmpty() || values.in().stream().anyMatch(word -> is(word, text));
    return in && values.not().stream().noneMatch(word -> is(word, text));
  }

  private static boolean is(String word, String text) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      if (word.startsWith("{**}", i)) {
        pattern.append(".*");
        i += 3;
      } else if (word.startsWith("{*}", i)) {
        pattern.append("[^/]+");
        i += 2;
      } else {
        pattern.append(word.charAt(i) == '*' ? ".*" : "\\Q" + word.charAt(i) + "\\E");
      }
    }
    return !text.isEmpty() && text.matches(pattern.toString());
  }

  private static AuthorizationPolicy policy(Random random, int number) {
    AuthorizationPolicy any =
        AuthorizationFixture.config(AuthorizationFixture.policy("p" + number, "prod", "{}"))
            .authorizationPolicies()
            .get(0);
    List<Rule> rules =
        IntStream.range(0, random.nextInt(3))
            .mapToObj(
                i ->
                    new Rule(
                        any.meta().place(),
                        IntStream.range(0, random.nextInt(3))
                            .mapToObj(j -> source(random))
                            .toList(),
                        IntStream.range(0, random.nextInt(3))
                            .mapToObj(j -> operation(random))
                            .toList(),
                        List.of()))
            .toList();
    Action action = random.nextBoolean() ? Action.ALLOW : Action.DENY;
    return new AuthorizationPolicy(
        any.meta(), any.selector(), List.of(), action, false, Optional.empty(), rules);
  }

  private static Source source(Random random) {
    return new Source(
        values(random, ID_WORDS), Values.ANY, Values.ANY, Values.ANY, Values.ANY, Values.ANY);
  }

  private static Operation operation(Random random) {
    return new Operation(
        Values.ANY, Values.ANY, values(random, METHODS), values(random, PATH_WORDS));
  }

  private static Values values(Random random, List<String> words) {
    Function<Integer, List<String>> some =
        most -> IntStream.range(0, random.nextInt(most)).mapToObj(i -> any(random, words)).toList();
    return new Values(some.apply(3), some.apply(2));
  }

  private static String any(Random random, List<String> all) {
    return all.get(random.nextInt(all.size()));
  }
}
