package dev.weft.routing.identity;

import dev.weft.routing.clock.SystemTicker;
import dev.weft.routing.identity.certificate.Revocations;
import dev.weft.routing.identity.certificate.ServedCertificates;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The identity that this proxy has now, and what is wrong with its certificates. Any thread may
 * enter.
 */
public final class IdentityStore {

  private final List<Consumer<WorkloadIdentity>> listeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<TrustTold>> trusting = new CopyOnWriteArrayList<>();
  private final CertificateFaults faults = new CertificateFaults();
  private final ServedCertificates served =
      new ServedCertificates(new SystemTicker(), ForkJoinPool.commonPool());
  private volatile @Nullable WorkloadIdentity current;

  /** Empty until the first was published. */
  public Optional<WorkloadIdentity> current() {
    return Optional.ofNullable(current);
  }

  /** What is wrong with certificates, the own one aside. */
  public CertificateFaults faults() {
    return faults;
  }

  /** What servers of a gateway show besides. */
  public ServedCertificates served() {
    return served;
  }

  /**
   * What the control plane says of trust, between two certificates.
   *
   * @param roots whom to trust
   * @param signer by whom certificates are signed now
   * @param revoked whom not to trust all the same; empty where that could not be read
   */
  public record TrustTold(
      List<X509Certificate> roots, X509Certificate signer, Optional<Revocations> revoked) {}

  /** Tells the source of this identity, which may have its own roots and not care. */
  public void told(TrustTold trust) {
    trusting.forEach(listener -> listener.accept(trust));
  }

  /** Hears of trust, on the thread that tells. */
  public void onTrust(Consumer<TrustTold> listener) {
    trusting.add(listener);
  }

  /** Replaces it; new connections use the new one, old ones go on. */
  public void publish(WorkloadIdentity identity) {
    current = identity;
    listeners.forEach(listener -> listener.accept(identity));
  }

  /** Hears of each new one, on the thread that published it. */
  public void onChange(Consumer<WorkloadIdentity> listener) {
    listeners.add(listener);
  }
}
