package dev.weft.routing.route.sticky;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.StickyKey;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class CohortsTest {

  private static final StickyKey BY_USER = new StickyKey.Header("x-user");
  private static final int USERS = 2000;

  @Property(tries = 300)
  void raisingOneWeightMovesUsersToItAndNobodyElse(
      @ForAll @Size(min = 2, max = 6) List<@IntRange(max = 1000) Integer> weights,
      @ForAll @IntRange(max = 5) int which,
      @ForAll @IntRange(min = 1, max = 1000) int more) {
    int grown = which % weights.size();
    List<Integer> after = new ArrayList<>(weights);
    after.set(grown, weights.get(grown) + more);
    after.set((grown + 1) % weights.size(), Math.max(1, weights.get((grown + 1) % weights.size())));
    List<Integer> before = new ArrayList<>(after);
    before.set(grown, weights.get(grown));
    Cohorts first = cohorts(before);
    Cohorts then = cohorts(after);

    for (int user = 0; user < USERS; user++) {
      int was = first.pick("user " + user);
      int is = then.pick("user " + user);
      assertThat(is == was || is == grown).as("user %d: %d to %d", user, was, is).isTrue();
    }
  }

  @Property(tries = 300)
  void ofTwoVersionsOneGrowsAndNobodyLeavesIt(
      @ForAll @IntRange(max = 100) int from, @ForAll @IntRange(max = 100) int to) {
    int less = Math.min(from, to);
    int more = Math.max(from, to);
    Cohorts first = cohorts(List.of(100 - less, less));
    Cohorts then = cohorts(List.of(100 - more, more));

    for (int user = 0; user < USERS; user++) {
      if (first.pick("user " + user) == 1) {
        assertThat(then.pick("user " + user)).isEqualTo(1);
      }
    }
  }

  @Test
  void aCanaryThatGrowsStepByStepNeverGivesAUserBack() {
    for (int user = 0; user < USERS; user++) {
      int moves = 0;
      int was = 0;
      for (int percent = 0; percent <= 100; percent++) {
        int is = cohorts(List.of(100 - percent, percent)).pick("user " + user);
        moves += is == was ? 0 : 1;
        was = is;
      }
      assertThat(moves).as("user %d", user).isEqualTo(1);
      assertThat(was).isEqualTo(1);
    }
  }

  @Test
  void eachVersionHasItsShareOfTheUsers() {
    Cohorts cohorts = cohorts(List.of(70, 25, 5, 0));
    int[] users = new int[4];
    for (int user = 0; user < 100_000; user++) {
      users[cohorts.pick("user " + user)]++;
    }

    assertThat(users[0]).isBetween(69_500, 70_500);
    assertThat(users[1]).isBetween(24_500, 25_500);
    assertThat(users[2]).isBetween(4_750, 5_250);
    assertThat(users[3]).isZero();
  }

  @Test
  void theOrderOfVersionsAndACommonFactorChangeNothing() {
    Cohorts one = new Cohorts(BY_USER, "r#0", List.of("a", "b"), List.of(80, 20));
    Cohorts other = new Cohorts(BY_USER, "r#0", List.of("b", "a"), List.of(1, 4));

    for (int user = 0; user < USERS; user++) {
      assertThat(other.pick("user " + user)).isEqualTo(1 - one.pick("user " + user));
    }
  }

  @Test
  void aVersionThatIsThereTwiceHasBothShares() {
    Cohorts cohorts = new Cohorts(BY_USER, "r#0", List.of("a", "a", "b"), List.of(1, 1, 2));
    int users = 0;
    for (int user = 0; user < 100_000; user++) {
      users += cohorts.pick("user " + user) == 2 ? 1 : 0;
    }

    assertThat(users).isBetween(49_000, 51_000);
  }

  @Test
  void whoIsEarlyForOneRuleIsNotForAll() {
    Cohorts one = new Cohorts(BY_USER, "r#0", List.of("a", "b"), List.of(50, 50));
    Cohorts other = new Cohorts(BY_USER, "r#1", List.of("a", "b"), List.of(50, 50));
    int same = 0;
    for (int user = 0; user < 10_000; user++) {
      same += one.pick("user " + user) == other.pick("user " + user) ? 1 : 0;
    }

    assertThat(same).isBetween(4_700, 5_300);
  }

  @Test
  void theSameUserIsOnTheSameVersionEverywhereAndForEver() {
    Cohorts cohorts = cohorts(List.of(50, 50));
    List<Integer> picked = new ArrayList<>();
    for (String user : List.of("ann", "bob", "carol", "dave", "", "\u00e9ve")) {
      picked.add(cohorts.pick(user));
    }

    assertThat(picked).containsExactly(0, 1, 0, 0, 1, 0);
  }

  @Test
  void aUserIsToldByHisHeaderOrHisCookie() {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap().add("x-user", "ann").add("cookie", "a=1; cohort=bob");
    StickyKey.Cookie cookie = new StickyKey.Cookie("cohort", Optional.of(Duration.ofDays(1)));
    Cohorts byCookie = new Cohorts(cookie, "r#0", List.of("a", "b"), List.of(1, 1));

    assertThat(cohorts(List.of(1, 1)).user(headers, 5)).isEqualTo("ann");
    assertThat(cohorts(List.of(1, 1)).user(MultiMap.caseInsensitiveMultiMap(), 5)).isNull();
    assertThat(byCookie.user(headers, 5)).isEqualTo("bob");
    assertThat(byCookie.user(MultiMap.caseInsensitiveMultiMap(), 5))
        .isEqualTo(Cohorts.newcomer(5))
        .isNotEqualTo(Cohorts.newcomer(6));
  }

  private static Cohorts cohorts(List<Integer> weights) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      names.add("outbound|80|v" + i + "|search");
    }
    return new Cohorts(BY_USER, "prod/search#0", Collections.unmodifiableList(names), weights);
  }
}
