package dev.weft.control;

import static dev.weft.control.MeshServer.done;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.Signing;
import dev.weft.routing.identity.Pem;
import io.vertx.core.Future;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/** Control planes that begin while a root is new. */
@Timeout(180)
@EnabledIf(value = "canStart", disabledReason = "needs the built API server, or go and curl")
final class RootWaitIT extends TrustFixture {

  private static final Duration WAIT = Duration.ofHours(1);
  private static final int LOOK = 6; // seconds; more than a look at the Secret

  private final TurnedTicker time = new TurnedTicker();

  @Test
  void oneThatBeginsSignsUnderANewRootNoEarlierThanTheOthers() throws Exception {
    kube.kubectl("create", "namespace", "joins");
    Trust first = done(opening("joins", WAIT, time));
    X509Certificate before = first.authority().root();
    eventually("told", () -> bundle("joins").equals(Optional.of(pem(before))));
    Trust second = done(opening("joins", WAIT, time)); // a root that never was another waits not
    assertThat(second.authority().signer()).isEqualTo(before);
    Signing next = CertificateAuthority.found(ticker);
    List<X509Certificate> both = List.of(before, next.root());

    sign("joins", new Signing(next.key(), next.chain(), both));
    Future<Trust> begins = opening("joins", WAIT, time);
    eventually("told of both", () -> bundle("joins").equals(Optional.of(Pem.certificates(both))));
    done(vertx.timer(LOOK, TimeUnit.SECONDS));
    assertThat(begins.isComplete()).isFalse();
    assertThat(first.authority().signer()).isEqualTo(before);

    time.turn(WAIT);
    assertThat(done(begins).authority().signer()).isEqualTo(next.root());
    eventually("the same", () -> first.authority().signer().equals(next.root()));
    eventually("all", () -> second.authority().signer().equals(next.root()));
  }

  @Test
  void whereNoneRunsOneThatBeginsTellsOfTheRootFirst() throws Exception {
    kube.kubectl("create", "namespace", "alone");
    Trust first = done(opening("alone", WAIT, time));
    X509Certificate before = first.authority().root();
    eventually("told", () -> bundle("alone").equals(Optional.of(pem(before))));
    first.close();
    Signing next = CertificateAuthority.found(ticker);
    List<X509Certificate> both = List.of(before, next.root());
    sign("alone", new Signing(next.key(), next.chain(), both));

    Future<Trust> begins = opening("alone", WAIT, time);
    eventually("told of both", () -> bundle("alone").equals(Optional.of(Pem.certificates(both))));
    done(vertx.timer(LOOK, TimeUnit.SECONDS));
    assertThat(begins.isComplete()).isFalse();

    time.turn(WAIT);
    assertThat(done(begins).authority().signer()).isEqualTo(next.root());
  }
}
