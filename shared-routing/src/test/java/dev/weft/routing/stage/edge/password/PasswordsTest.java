package dev.weft.routing.stage.edge.password;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.config.model.settings.edge.BasicAuth;
import dev.weft.config.model.settings.edge.BasicAuth.User;
import dev.weft.routing.stage.edge.password.Passwords.Inquiry;
import dev.weft.routing.stage.edge.password.Passwords.Verdict;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With a hash that is none, and threads that work when they are told to. */
final class PasswordsTest {

  private static final String HOME = "10.0.0.9";

  private final Queue<Runnable> line = new ArrayDeque<>();
  private final List<String> looked = new ArrayList<>();
  private int longest = 100;

  private final PasswordHash reversed =
      new PasswordHash() {
        @Override
        public boolean knows(String hash) {
          return hash.startsWith("$r$");
        }

        @Override
        public boolean matches(byte[] password, String hash) {
          looked.add(hash);
          String text = new String(password, StandardCharsets.UTF_8);
          if (text.equals("boom")) {
            throw new IllegalArgumentException("unreadable");
          }
          return hash.endsWith("$" + new StringBuilder(text).reverse());
        }
      };

  private final Passwords passwords =
      new Passwords(
          new BasicAuth(
              "weft",
              List.of(
                  new User("ada", "$r$04$terces"),
                  new User("bob", "$r$12$olleh"),
                  new User("eve", "$unknown$1$x")),
              true),
          List.of(reversed),
          work -> {
            if (line.size() >= longest) {
              throw new RejectedExecutionException("full");
            }
            line.add(work);
          },
          new SecretKeySpec(new byte[32], Passwords.MAC));

  @Test
  void aPasswordIsLookedAtOnceAndThenKnown() {
    Future<Verdict> first = ask("ada", "secret");
    assertThat(first.isComplete()).as("not on the loop").isFalse();
    work();
    Future<Verdict> second = ask("ada", "secret");

    assertThat(first.result()).isEqualTo(Verdict.RIGHT);
    assertThat(second.result()).isEqualTo(Verdict.RIGHT);
    assertThat(looked).hasSize(1);
  }

  @Test
  void nothingIsRememberedOfWhatWasWrong() {
    for (int i = 0; i < 100; i++) {
      Future<Verdict> answer = ask("ada", "wrong" + i);
      work();
      assertThat(answer.result()).isEqualTo(Verdict.WRONG);
    }

    assertThat(looked).hasSize(100);
    assertThat(passwords.known()).isZero();
    assertThat(passwords.waiting()).isZero();
  }

  @Test
  void anotherPasswordOfAKnownUserIsWrong() {
    ask("ada", "secret");
    work();
    Future<Verdict> other = ask("ada", "secreT");
    work();
    Future<Verdict> others = ask("bob", "secret");
    work();

    assertThat(other.result()).isEqualTo(Verdict.WRONG);
    assertThat(others.result()).isEqualTo(Verdict.WRONG);
    assertThat(ask("ada", "secret").result()).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void aUserThatDoesNotExistTakesAsLongAsTheSlowestThatDoes() {
    Future<Verdict> nobody = ask("nobody", "hello");
    work();

    assertThat(nobody.result()).isEqualTo(Verdict.WRONG);
    assertThat(looked).containsExactly("$r$12$olleh");
    assertThat(passwords.known()).isZero();
  }

  @Test
  void aHashThatNobodyReadsLetsNobodyIn() {
    Future<Verdict> unknown = ask("eve", "x");
    Future<Verdict> broken = ask("ada", "boom");
    work();

    assertThat(unknown.result()).isEqualTo(Verdict.WRONG);
    assertThat(broken.result()).isEqualTo(Verdict.WRONG);
  }

  @Test
  void whatBcryptWouldCutIsWrong() {
    String password = "x".repeat(73);
    Passwords one =
        new Passwords(
            new BasicAuth("weft", List.of(new User("ada", "$r$04$" + password)), true),
            List.of(reversed),
            Runnable::run,
            new SecretKeySpec(new byte[32], Passwords.MAC));

    assertThat(one.ask(new Credentials("ada", password), HOME).verdict().result())
        .isEqualTo(Verdict.WRONG);
  }

  @Test
  void whoAsksTheSameAtTheSameTimeWaitsForOneLook() {
    List<Future<Verdict>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(ask("ada", "secret"));
    }
    work();

    assertThat(all).allMatch(answer -> answer.result() == Verdict.RIGHT);
    assertThat(looked).hasSize(1);
  }

  @Test
  void oneAddressMayNotTakeAllThreads() {
    List<Future<Verdict>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(ask("ada", "wrong" + i));
    }
    Future<Verdict> other = passwords.ask(new Credentials("ada", "secret"), "10.0.0.8").verdict();

    assertThat(all.stream().filter(Future::isComplete))
        .hasSize(6)
        .allMatch(answer -> answer.result() == Verdict.TOO_MANY);
    work();
    assertThat(other.result()).isEqualTo(Verdict.RIGHT);
    Future<Verdict> later = ask("ada", "wrong");
    work();
    assertThat(later.result()).as("when those are done").isEqualTo(Verdict.WRONG);
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:0:1::%d, 6",
    "2001:db8:0:%d::1, 0",
    "10.0.0.%d, 0",
  })
  void oneCallerHasAllAddressesOfItsNetworkOfIpv6(String addresses, int refused) {
    List<Future<Verdict>> all = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      Credentials wrong = new Credentials("ada", "wrong" + i);
      all.add(passwords.ask(wrong, addresses.formatted(i)).verdict());
    }

    assertThat(all.stream().filter(Future::isComplete))
        .hasSize(refused)
        .allMatch(answer -> answer.result() == Verdict.TOO_MANY);
    work();
    assertThat(passwords.waiting()).isZero();
  }

  @Test
  void nothingIsLookedAtForThoseWhoHaveLeft() {
    Credentials wrong = new Credentials("ada", "wrong");
    Credentials right = new Credentials("ada", "secret");
    Inquiry left = passwords.ask(wrong, HOME);
    Inquiry first = passwords.ask(right, HOME);
    Inquiry second = passwords.ask(right, HOME);

    left.leave().run();
    first.leave().run();
    work();

    assertThat(looked).as("for the one who stayed").containsExactly("$r$04$terces");
    assertThat(second.verdict().result()).isEqualTo(Verdict.RIGHT);
    assertThat(passwords.waiting()).isZero();
    assertThat(ask("ada", "wrong").isComplete()).as("asked anew").isFalse();
  }

  @Test
  void beyondTheLineNobodyWaits() {
    longest = 1;
    Future<Verdict> first = ask("ada", "secret");
    Future<Verdict> second = ask("bob", "hello");

    assertThat(second.result()).isEqualTo(Verdict.BUSY);
    work();
    assertThat(first.result()).isEqualTo(Verdict.RIGHT);
    assertThat(passwords.waiting()).isZero();
  }

  private Future<Verdict> ask(String user, String password) {
    return passwords.ask(new Credentials(user, password), HOME).verdict();
  }

  private void work() {
    while (!line.isEmpty()) {
      line.remove().run();
    }
  }
}
