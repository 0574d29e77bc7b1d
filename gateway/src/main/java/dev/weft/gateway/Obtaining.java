package dev.weft.gateway;

import dev.weft.config.model.settings.Acme;
import dev.weft.gateway.acme.AcmeCertificates;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.CertificateFaults;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that this gateway obtains by itself. Nothing is loaded for it before one is
 * wanted. Any thread may enter.
 */
final class Obtaining {

  private final IssuedCertificates issued = new IssuedCertificates();
  private final Optional<Path> stateDir;
  private @Nullable AcmeCertificates acme;

  Obtaining(Optional<Path> stateDir) {
    this.stateDir = stateDir;
  }

  IssuedCertificates issued() {
    return issued;
  }

  /**
   * From now on these are wanted; returns at once.
   *
   * @param faults hears of those that are not obtained
   */
  synchronized void want(Acme wanted, CertificateFaults faults, Ticker ticker) {
    AcmeCertificates obtaining = acme;
    if (obtaining == null && wanted.wanted()) {
      obtaining =
          new AcmeCertificates(
              issued,
              faults,
              stateDir,
              ticker,
              AcmeCertificates.Pauses.DEFAULT,
              new SplittableRandom()::nextDouble);
      acme = obtaining;
    }
    if (obtaining != null) {
      obtaining.want(wanted);
    }
  }
}
