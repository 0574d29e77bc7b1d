package dev.weft.routing.identity;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code dir:PATH} with {@code tls.crt}, {@code tls.key} and {@code ca.crt}, as cert-manager and
 * SPIRE's agents write them; looked at every second, so that a mounted Secret's swap is seen too. A
 * set that is broken or half written keeps the last good one, and is told once.
 */
public final class DirectoryIdentity implements IdentitySource {

  private static final Logger LOG = LoggerFactory.getLogger(DirectoryIdentity.class);
  private static final long LOOK_MILLIS = 1000;

  private final Vertx vertx;
  private final Path folder;
  private final String trustDomain;
  private final IdentityStore store;
  private volatile String lastSeen = "";
  private volatile String lastFailure = "";
  private volatile long timer = -1;

  public DirectoryIdentity(Vertx vertx, Path folder, String trustDomain, IdentityStore store) {
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
    vertx
        .executeBlocking(this::read)
        .onSuccess(
            changed -> {
              lastFailure = "";
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

  /** Empty where nothing changed. */
  private Optional<WorkloadIdentity> read() throws GeneralSecurityException {
    try {
      String chain = Files.readString(folder.resolve("tls.crt"));
      String key = Files.readString(folder.resolve("tls.key"));
      String roots = Files.readString(folder.resolve("ca.crt"));
      String seen = chain + key.hashCode() + roots;
      if (seen.equals(lastSeen)) {
        return Optional.empty();
      }
      WorkloadIdentity identity = WorkloadIdentity.parse(chain, key, roots, trustDomain);
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
