package dev.weft.routing.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.authentication.Answer.Full;
import dev.weft.routing.authentication.Answer.Waits;
import dev.weft.routing.authentication.jwt.JoseKeys;
import dev.weft.routing.exchange.Request;
import dev.weft.routing.exchange.RequestHead;
import dev.weft.routing.resilience.overload.AsksUnderWay;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests that wait for keys, and how many may. */
final class KeyWaitsTest {

  private static final String TOKEN = TokenFixture.RSA.token("RS256", TokenFixture.claims(""));

  private final TokenFixture fixture = new TokenFixture();
  private final List<Promise<Optional<JoseKeys>>> fetches = new ArrayList<>();
  private final KeySource slow =
      new KeySource() {
        @Override
        public Optional<JoseKeys> now() {
          return Optional.empty();
        }

        @Override
        public Future<Optional<JoseKeys>> others(Optional<JoseKeys> tried) {
          Promise<Optional<JoseKeys>> fetch = Promise.promise();
          fetches.add(fetch);
          return fetch.future();
        }
      };

  @Test
  void noMoreWaitThanMayAndNothingIsFetchedForThem() {
    Authentication authentication =
        new Authentication(
            TokenFixture.compiled(
                    TokenFixture.resource(
                        "slow",
                        "istio-system",
                        "{jwtRules: [{issuer: 'https://issuer.test', jwksUri: 'https://k.test/'}]}"))
                .rules()
                .stream()
                .map(rule -> new TokenRule(rule, slow))
                .toList(),
            1,
            new AsksUnderWay(1, 1));
    RequestHead head = TokenFixture.head("", "authorization", "Bearer " + TOKEN);

    Answer first = authentication.of(head, fixture.loop);
    Answer second = authentication.of(head, fixture.loop);

    assertThat(first).isInstanceOf(Waits.class);
    assertThat(second).isEqualTo(new Full(1));
    assertThat(fetches).hasSize(1);
    fetches.get(0).complete(Optional.empty());
    assertThat(authentication.of(head, fixture.loop)).as("once it ended").isInstanceOf(Waits.class);
    Request refused = TokenFixture.request(head);
    authentication.hide(refused);
    assertThat(refused.headers().contains("authorization")).as("its token goes on").isFalse();
  }
}
