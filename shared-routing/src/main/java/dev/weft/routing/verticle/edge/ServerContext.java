package dev.weft.routing.verticle.edge;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.Validity;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Optional;

/**
 * A context and what it was made of. Staples come and go without it being made anew, so that its
 * callers' sessions stay.
 */
record ServerContext(ServerMaterial material, SslContext context, Revocations revoked) {

  /**
   * @param fault why there is no staple in it; empty where there is one, or none is wanted
   */
  record Shown(SslContext context, String fault) {}

  /**
   * @param before what is shown until now; a certificate that is out of its time does not take the
   *     place of one that is not
   * @throws IOException where key and certificate cannot be used
   * @throws IllegalArgumentException likewise
   */
  static ServerContext of(ServerMaterial material, Optional<ServerContext> before, Ticker ticker)
      throws IOException {
    long now = ticker.epochMillis();
    Optional<String> fault = Validity.fault(material.leaf(), "its new certificate", now);
    boolean held =
        before
            .filter(known -> Validity.fault(known.material.leaf(), "", now).isEmpty())
            .isPresent();
    if (held && fault.isPresent()) {
      throw new IllegalArgumentException(fault.get());
    }
    Revocations revoked = material.revoked(ticker);
    return new ServerContext(material, material.context(revoked, ticker), revoked);
  }

  /** The context that shows a staple, or why it does not. */
  Shown with(Optional<byte[]> staple, Ticker ticker) {
    if (staple.isEmpty()) {
      return new Shown(context, "");
    }
    if (!MeshTls.boringSsl()) {
      return new Shown(context, "its OCSP staple is not shown: that takes BoringSSL");
    }
    try {
      Instant now = Instant.ofEpochMilli(ticker.epochMillis());
      OcspStaple checked =
          OcspStaple.checked(
              staple.get(),
              WorkloadIdentity.certificates(material.chain(), "its certificate"),
              now);
      return new Shown(new StaplingContext(context, checked, ticker), "");
    } catch (GeneralSecurityException e) {
      return new Shown(context, "its OCSP staple is not shown: " + e.getMessage());
    }
  }
}
