package dev.weft.routing.identity.join;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.CertificateClient.Hopeless;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a workload leaves for its restart, where it may. Not for event loops. */
final class KeptIdentity {

  private static final Logger LOG = LoggerFactory.getLogger(KeptIdentity.class);

  private final Optional<IdentityState> state;
  private final JoinFiles files;
  private final String trustDomain;
  private final Ticker ticker;

  /**
   * @param folder empty where nothing is to be kept
   * @param files that name the roots which decide
   */
  KeptIdentity(Optional<Path> folder, JoinFiles files, String trustDomain, Ticker ticker) {
    this.state = folder.map(IdentityState::new);
    this.files = files;
    this.trustDomain = trustDomain;
    this.ticker = ticker;
  }

  /** What an earlier run left, unless it has ended or is of another mesh than the token. */
  Optional<WorkloadIdentity> read() {
    Optional<WorkloadIdentity> kept =
        state.flatMap(left -> left.read(trustDomain)).filter(this::holds);
    Set<String> named = named();
    if (kept.isEmpty() || named.isEmpty()) {
      return kept;
    }
    boolean same = kept.get().roots().stream().map(Pem::fingerprint).anyMatch(named::contains);
    if (!same) {
      setAside(state.orElseThrow());
    }
    return kept.filter(identity -> same);
  }

  /** For the next start; what fails is told, and costs a token then. */
  void keep(WorkloadIdentity identity) {
    if (state.isPresent()) {
      try {
        state.get().write(identity);
      } catch (IOException e) {
        LOG.warn("the identity could not be kept for a restart: {}", e.getMessage());
      }
    }
  }

  private boolean holds(WorkloadIdentity kept) {
    boolean holds = kept.notAfter().toEpochMilli() > ticker.epochMillis();
    if (!holds) {
      LOG.warn(
          "the identity in --state-dir ended at {}; joining anew, which needs a fresh token",
          kept.notAfter());
    }
    return holds;
  }

  private void setAside(IdentityState left) {
    try {
      LOG.warn(
          "the identity in --state-dir is of another root than what it joins with names, which"
              + " decides; that identity is now {}",
          left.setAside());
    } catch (IOException e) {
      LOG.warn("the identity of another root could not be set aside: {}", e.getMessage());
    }
  }

  /** Roots to join under; empty where they cannot be read, since a restart needs none. */
  private Set<String> named() {
    try {
      return files.read().roots();
    } catch (IOException | CertificateException | Hopeless e) {
      return Set.of();
    }
  }
}
