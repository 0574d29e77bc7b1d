package dev.weft.routing.identity.join;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks, time and again, at the roots that are mounted beside a token, and which the kubelet
 * renews. A workload hears of roots from its control plane; these tell it where it was away.
 */
final class MountedRoots {

  private final JoinFiles files;
  private volatile Set<String> seen = Set.of();

  MountedRoots(JoinFiles files) {
    this.files = files;
  }

  /**
   * Whether there is, since the last look, one that {@code own} does not trust. Old roots that stay
   * mounted for a while after they were dropped are told of once at most. Not for event loops.
   */
  boolean tellsOfAnother(WorkloadIdentity own) {
    try {
      Set<String> now = files.mounted();
      boolean same = now.equals(seen);
      seen = now;
      return !same && !trusted(own).containsAll(now);
    } catch (IOException | CertificateException halfWritten) {
      return false; // whole at a later look
    }
  }

  private static Set<String> trusted(WorkloadIdentity own) {
    return own.roots().stream().map(Pem::fingerprint).collect(Collectors.toSet());
  }
}
