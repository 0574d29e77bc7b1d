package dev.weft.routing.identity.join;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.certificate.Revocations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a workload's key and certificate for its restart: one file, 0600 from its first byte, in a
 * folder of 0700, replaced whole.
 */
final class IdentityState {

  private static final Logger LOG = LoggerFactory.getLogger(IdentityState.class);
  private static final String FILE = "identity.pem";
  private static final String LISTS = "# revoked\n";

  private final Path folder;

  IdentityState(Path folder) {
    this.folder = folder;
  }

  /** Empty where there is none, or it cannot be used. */
  Optional<WorkloadIdentity> read(String trustDomain) {
    try {
      String all = Files.readString(folder.resolve(FILE));
      int roots = all.indexOf("# roots\n");
      int lists = all.indexOf(LISTS); // there are none in what an earlier version wrote
      int key = all.indexOf("# key\n");
      int end = lists < 0 ? key : lists;
      WorkloadIdentity own =
          WorkloadIdentity.parse(
              all.substring(0, roots), all.substring(key), all.substring(roots, end), trustDomain);
      return Optional.of(lists < 0 ? own : less(own, all.substring(lists + LISTS.length(), key)));
    } catch (IOException | GeneralSecurityException | StringIndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static WorkloadIdentity less(WorkloadIdentity own, String lists) {
    try {
      return own.trusting(own.roots(), Revocations.kept(lists));
    } catch (CertificateException e) {
      LOG.warn("what was known to be revoked is not used again: {}", e.getMessage());
      return own;
    }
  }

  void write(WorkloadIdentity identity) throws IOException {
    FileAttribute<Set<PosixFilePermission>> own =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    FileAttribute<Set<PosixFilePermission>> secret =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, own);
    }
    Path draft = Files.createTempFile(folder, FILE, ".draft", secret);
    Files.writeString(
        draft,
        Pem.certificates(identity.chain())
            + "# roots\n"
            + Pem.certificates(identity.roots())
            + (identity.revoked().isEmpty() ? "" : LISTS + identity.revoked().pem())
            + "# key\n"
            + Pem.of("PRIVATE KEY", identity.key().getEncoded()));
    Files.move(
        draft,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Keeps what is there under another name, in place of what was set aside before.
   *
   * @return the file's new place
   */
  Path setAside() throws IOException {
    Path aside = folder.resolve(FILE + ".old");
    Files.move(
        folder.resolve(FILE),
        aside,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    return aside;
  }
}
