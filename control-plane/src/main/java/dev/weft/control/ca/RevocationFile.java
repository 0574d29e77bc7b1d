package dev.weft.control.ca;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.certificate.Revocations;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code ca-crl.pem} beside an authority in a folder: what it revoked, which may be nothing, and
 * then there is no such file. Looked at each second; what does not count, or cannot be read, keeps
 * what was known before and is told once.
 */
public final class RevocationFile {

  private static final Logger LOG = LoggerFactory.getLogger(RevocationFile.class);
  private static final String NAME = "ca-crl.pem"; // as in Istio
  private static final long LOOK_MILLIS = 1000;
  private static final int LARGEST = 1 << 20; // all proxies are told

  private final Path file;
  private final CertificateAuthority authority;
  private final Ticker ticker;
  private String told = "";
  private boolean looking;

  public RevocationFile(Path folder, CertificateAuthority authority, Ticker ticker) {
    this.file = folder.resolve(NAME);
    this.authority = authority;
    this.ticker = ticker;
  }

  /**
   * Has the authority know what is in it. Not for event loops.
   *
   * @return whether that is news
   * @throws IOException where it cannot be read
   * @throws GeneralSecurityException in words that a user reads, where it does not count
   */
  public boolean read() throws IOException, GeneralSecurityException {
    Signing now = authority.signing();
    Revocations lists = lists(now);
    if (lists.equals(now.revoked())) {
      return false;
    }
    authority.replace(now.revoking(lists));
    return true;
  }

  private Revocations lists(Signing now) throws IOException, CertificateException {
    if (Files.notExists(file)) {
      return Revocations.NONE;
    }
    if (Files.size(file) > LARGEST) {
      throw new CertificateException(NAME + " is larger than 1 MiB");
    }
    String pem = Files.readString(file);
    return pem.equals(now.revoked().pem()) && !pem.isEmpty()
        ? now.revoked()
        : now.lists(pem, NAME, Instant.ofEpochMilli(ticker.epochMillis()));
  }

  /**
   * Looks at it from now on.
   *
   * @param changed is called on this event loop
   */
  public void follow(Vertx vertx, Runnable changed) {
    vertx.setPeriodic(LOOK_MILLIS, tick -> look(vertx, changed));
  }

  private void look(Vertx vertx, Runnable changed) {
    if (looking) {
      return; // the file system takes its time
    }
    looking = true;
    vertx
        .executeBlocking(this::read, false)
        .onComplete(looked -> looking = false)
        .onSuccess(
            news -> {
              if (news) {
                LOG.info("{}: {}", file, authority.revoked());
                changed.run();
              }
              tell(authority.revoked().ended(ticker.epochMillis()).orElse(""));
            })
        .onFailure(cause -> tell(cause.getMessage() + "; what was known before stays"));
  }

  private void tell(String sentence) {
    if (!sentence.isEmpty() && !sentence.equals(told)) {
      LOG.warn("{}: {}", file, sentence);
    }
    told = sentence;
  }
}
