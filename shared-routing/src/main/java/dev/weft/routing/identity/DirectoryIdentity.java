package dev.weft.routing.identity;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.Validity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code dir:PATH} with {@code tls.crt}, {@code tls.key} and {@code ca.crt}, and {@code ca.crl}
 * where certificates are revoked, as cert-manager and SPIRE's agents write them; looked at four
 * times a second, so that a mounted Secret's swap is seen too, and shown within a second. A set
 * that is broken, half written, or out of its time where the one before is not, keeps the last good
 * one, and is told once.
 */
public final class DirectoryIdentity implements IdentitySource {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryIdentity.class);
  private static final long LOOK_MILLIS = 250;

  private final Vertx vertx;
  private final Path folder;
  private final String trustDomain;
  private final IdentityStore store;
  private final Ticker ticker;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile String lastSeen = "";
  private volatile String lastFailure = "";
  private volatile String lastEnd = "";
  private volatile long timer = -1;

  /**
   * @param store what is read is published to
   */
  public DirectoryIdentity(
      Vertx vertx, Path folder, String trustDomain, IdentityStore store, Ticker ticker) {
    this.ticker = ticker;
    this.vertx = vertx;
    this.folder = folder;
    this.trustDomain = trustDomain;
    this.store = store;
  }

  @Override
  public Future<WorkloadIdentity> start() {
    return vertx
        .executeBlocking(this::read)
        .onSuccess(
            first -> {
              first.ifPresent(store::publish);
              timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
            })
        .map(Optional::orElseThrow);
  }

  private void look() {
    if (!looking.compareAndSet(false, true)) {
      return; // the file system takes its time
    }
    vertx
        .executeBlocking(this::read, false)
        .onComplete(looked -> looking.set(false))
        .onSuccess(
            changed -> {
              lastFailure = "";
              tellOfEnd();
              changed.ifPresent(
                  identity -> {
                    LOG.info("identity {} from {}", identity, folder);
                    store.publish(identity);
                  });
            })
        .onFailure(
            cause -> {
              String told = String.valueOf(cause.getMessage());
              if (!told.equals(lastFailure)) {
                lastFailure = told;
                LOG.warn("{}; the last good identity stays", told);
              }
            });
  }

  private void tellOfEnd() {
    String end =
        store.current().flatMap(own -> own.revoked().ended(ticker.epochMillis())).orElse("");
    if (!end.isEmpty() && !end.equals(lastEnd)) {
      LOG.warn("identity dir:{}: ca.crl: {}", folder, end);
    }
    lastEnd = end;
  }

  /** Empty where nothing changed. */
  private Optional<WorkloadIdentity> read() throws GeneralSecurityException {
    try {
      String chain = Files.readString(folder.resolve("tls.crt"));
      String key = Files.readString(folder.resolve("tls.key"));
      String roots = Files.readString(folder.resolve("ca.crt"));
      String lists = optional(folder.resolve("ca.crl"));
      String seen = chain + key.hashCode() + roots + lists;
      if (seen.equals(lastSeen)) {
        return Optional.empty();
      }
      WorkloadIdentity identity =
          less(WorkloadIdentity.parse(chain, key, roots, trustDomain), lists);
      requireInTime(identity);
      warnOfReaders();
      lastSeen = seen;
      return Optional.of(identity);
    } catch (NoSuchFileException e) {
      throw new GeneralSecurityException(
          "identity dir:" + folder + ": there is no " + e.getMessage(), e);
    } catch (IOException e) {
      throw new GeneralSecurityException(
          "identity dir:" + folder + " cannot be read: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new GeneralSecurityException("identity dir:" + folder + ": " + e.getMessage(), e);
    }
  }

  /** What the lists of its authorities say of others. */
  private WorkloadIdentity less(WorkloadIdentity identity, String lists)
      throws CertificateException {
    if (lists.isEmpty()) {
      return identity;
    }
    return identity.trusting(
        identity.roots(),
        Revocations.of(lists, "ca.crl", identity.authorities(), ticker.epochMillis()));
  }

  /** Empty where there is no such file; one that is there and empty is no list. */
  private static String optional(Path file) throws IOException {
    if (Files.notExists(file)) {
      return "";
    }
    if (Files.size(file) > Revocations.LARGEST) {
      throw new IOException(file + " is larger than " + Revocations.LARGEST + " bytes");
    }
    String text = Files.readString(file);
    return text.isEmpty() ? " " : text;
  }

  /** Whoever wrote it may have taken an old one: the one before is better as long as it holds. */
  private void requireInTime(WorkloadIdentity next) throws CertificateException {
    long now = ticker.epochMillis();
    Optional<String> fault = Validity.fault(next.leaf(), "tls.crt", now);
    boolean held =
        store.current().filter(own -> Validity.fault(own.leaf(), "", now).isEmpty()).isPresent();
    if (held && fault.isPresent()) {
      throw new CertificateException(fault.get());
    }
  }

  private void warnOfReaders() throws IOException {
    Path key = folder.resolve("tls.key");
    if (key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(key);
      if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
        LOG.warn(
            "{} can be read by everybody ({}); chmod 600 it",
            key,
            PosixFilePermissions.toString(permissions));
      }
    }
  }

  @Override
  public void close() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
  }
}
