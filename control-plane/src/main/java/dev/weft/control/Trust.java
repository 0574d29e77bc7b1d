package dev.weft.control;

import dev.weft.control.ca.CertificateAuthority;
import dev.weft.control.ca.JoinTokens;
import dev.weft.control.ca.RevocationFile;
import dev.weft.control.ca.SecretAuthority;
import dev.weft.control.issue.Vouching;
import dev.weft.control.stream.ConfigStreams;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.trust.AuthoritySecret;
import dev.weft.kubernetes.trust.Leadership;
import dev.weft.kubernetes.trust.TokenReviews;
import dev.weft.kubernetes.trust.TrustBundle;
import dev.weft.routing.clock.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * Whom the mesh trusts: its authority, in a folder or in a Secret, who vouches for those who join,
 * and, in a cluster, the trust bundle of each namespace, which the leading control plane writes.
 * Belongs to one event loop.
 */
final class Trust implements AutoCloseable {

  /** The Lease of the control planes. */
  static final String LEASE = "weft-control";

  private final CertificateAuthority authority;
  private final Vouching vouching;
  private final BooleanSupplier leads;
  private final List<Runnable> listeners = new ArrayList<>();
  private final List<Runnable> endings = new ArrayList<>();

  private Trust(CertificateAuthority authority, Vouching vouching, BooleanSupplier leads) {
    this.authority = authority;
    this.vouching = vouching;
    this.leads = leads;
  }

  /**
   * @param api empty where there is no cluster
   * @param life of workload certificates
   * @return fails with a sentence
   */
  static Future<Trust> open(
      Vertx vertx,
      ControlSettings settings,
      Optional<KubernetesApi> api,
      Duration life,
      Ticker ticker) {
    Optional<TokenReviews> reviews =
        api.filter(asked -> settings.joinsByApiServer()).map(TokenReviews::new);
    if (settings.secret().isPresent()) {
      return ofSecret(vertx, settings, api.orElseThrow(), life, ticker);
    }
    try {
      CertificateAuthority authority =
          CertificateAuthority.open(settings.folder(), settings.trustDomain(), life, ticker);
      RevocationFile lists = new RevocationFile(settings.folder(), authority, ticker);
      lists.read();
      Trust trust =
          new Trust(
              authority,
              new Vouching(Optional.of(new JoinTokens(settings.folder(), ticker)), reviews),
              () -> true); // a folder has one control plane
      lists.follow(vertx, () -> trust.listeners.forEach(Runnable::run));
      if (reviews.isPresent()) { // pods join
        trust.keepBundles(
            new TrustBundle(api.orElseThrow(), trust.authority::roots, trust.leads, ticker));
      }
      return Future.succeededFuture(trust);
    } catch (IOException e) {
      return Future.failedFuture(
          "--ca-dir " + settings.folder() + " cannot be used: " + e.getMessage());
    } catch (GeneralSecurityException e) {
      return Future.failedFuture("--ca-dir " + settings.folder() + ": " + e.getMessage());
    }
  }

  private static Future<Trust> ofSecret(
      Vertx vertx, ControlSettings settings, KubernetesApi api, Duration life, Ticker ticker) {
    String[] name = settings.secret().orElseThrow().split("/", 2);
    AuthoritySecret secret = new AuthoritySecret(api, name[0], name[1]);
    SecretAuthority source =
        new SecretAuthority(
            vertx, secret, () -> TrustBundle.read(api, name[0]), settings.rootWait(), ticker);
    Vouching vouching = new Vouching(Optional.empty(), Optional.of(new TokenReviews(api)));
    Leadership leadership =
        new Leadership(api, name[0], LEASE, UUID.randomUUID().toString(), ticker);
    TrustBundle bundle = new TrustBundle(api, source::roots, leadership, ticker);
    leadership.onLeading(bundle::changed);
    source.onFirstRoots(
        () -> { // pods are told of a root before it signs
          leadership.start();
          bundle.start();
        });
    return source
        .open(settings.trustDomain(), life)
        .map(
            authority -> {
              Trust trust = new Trust(authority, vouching, leadership);
              source.onChange(() -> trust.listeners.forEach(Runnable::run));
              trust.onChange(bundle::changed);
              trust.endings.add(leadership::close);
              trust.endings.add(bundle::close);
              return trust;
            });
  }

  /** Has the pods that join by the API server know the roots. */
  private void keepBundles(TrustBundle bundle) {
    bundle.start();
    onChange(bundle::changed);
    endings.add(bundle::close);
  }

  CertificateAuthority authority() {
    return authority;
  }

  Vouching vouching() {
    return vouching;
  }

  /** Whether this process is the one that does what only one may do. */
  BooleanSupplier leads() {
    return leads;
  }

  /** Hears, on any thread, that this process leads from now on. */
  void onLeading(Runnable listener) {
    if (leads instanceof Leadership leadership) {
      leadership.onLeading(listener);
    }
  }

  /** Has all proxies know whom to trust, now and later. */
  void announceOn(ConfigStreams streams) {
    Runnable announced =
        () -> streams.trust(authority.roots(), authority.signers(), authority.revoked());
    announced.run();
    onChange(announced);
  }

  /** Hears that others are trusted, or that what is issued is signed by another. */
  void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Not for event loops: gives the Lease back. */
  @Override
  public void close() {
    endings.forEach(Runnable::run);
  }
}
