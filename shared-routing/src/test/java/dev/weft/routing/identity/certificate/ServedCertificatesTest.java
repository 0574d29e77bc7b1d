package dev.weft.routing.identity.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.telemetry.HandTicker;
import dev.weft.testkit.TestCertificates;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ServedCertificatesTest {

  private final TestCertificates authority = new TestCertificates(Instant.EPOCH);
  private final Deque<Runnable> reading = new ArrayDeque<>();
  private final HandTicker ticker = new HandTicker();
  private final ServedCertificates served = new ServedCertificates(ticker, reading::add);

  @Test
  void whoAsksDoesNotWaitAndLearnsWhatWasReadLast() throws Exception {
    X509Certificate one = leaf("one.test");
    served.from(() -> List.of(one));

    assertThat(served.all()).isEmpty();
    reading.remove().run();

    assertThat(served.all()).containsExactly(one);
    assertThat(reading).isEmpty();
  }

  @Test
  void filesAreReadAgainWhileSomebodyAsks() throws Exception {
    Deque<X509Certificate> files = new ArrayDeque<>(List.of(leaf("one.test"), leaf("two.test")));
    X509Certificate two = files.getLast();
    served.from(() -> List.of(files.remove()));
    reading.remove().run();

    ticker.turn(Duration.ofSeconds(6));
    served.all();
    served.all();
    assertThat(reading).hasSize(1);
    reading.remove().run();

    assertThat(served.all()).containsExactly(two);
  }

  @Test
  void whatIsReadTooLateIsNotOfTheConfigurationThatServes() throws Exception {
    X509Certificate two = leaf("two.test");
    served.from(
        () -> {
          served.from(() -> List.of(two)); // while the first is read
          return List.of();
        });

    reading.remove().run();
    assertThat(served.all()).isEmpty();
    reading.remove().run();

    assertThat(served.all()).containsExactly(two);
  }

  private X509Certificate leaf(String name) throws CertificateException {
    String pem = authority.ofName(name).certificate();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }
}
