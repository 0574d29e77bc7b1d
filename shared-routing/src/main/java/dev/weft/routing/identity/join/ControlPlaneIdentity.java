package dev.weft.routing.identity.join;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.CertificateClient.Hopeless;
import dev.weft.routing.identity.join.JoinFiles.Credential;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code control:HOST:PORT}: has a key of its own certified by the control plane, first for a
 * token, then, at half of each certificate's life, for the certificate before it. Nothing is sent
 * before the server proved to be the control plane under a root that {@link JoinFiles} name.
 *
 * <p>A restart finds key and certificate in the state folder and needs no token; they are set aside
 * where another root is named now. What fails is tried again, after one second doubling to a
 * minute, with jitter, and with the same key, so that an answer that was lost costs no token. A
 * refusal, and another root than the named one, are final for {@link #start()} where the token is a
 * join token: a ServiceAccount's may be renewed, and pods wait for their control plane.
 */
public final class ControlPlaneIdentity implements IdentitySource {

  private static final Logger LOG = LoggerFactory.getLogger(ControlPlaneIdentity.class);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Duration RENEWED_WITHIN = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final Address control;
  private final JoinFiles files;
  private final Optional<IdentityState> state;
  private final IdentityStore store;
  private final Ticker ticker;
  private final Timers timers;
  private final LongUnaryOperator chance;
  private final CertificateClient client;
  private volatile boolean closed;
  private volatile @Nullable Joining joining;
  private volatile Timers.@Nullable Timer planned; // the next renewal
  private volatile Optional<TrustTold> told = Optional.empty();

  /** Where the control plane is, and of which mesh. */
  public record Address(String host, int port, String trustDomain) {}

  /**
   * Time and chance.
   *
   * @param timers of the event loop that renews
   * @param chance a draw from 0 to below its argument
   */
  public record Turns(Ticker ticker, Timers timers, LongUnaryOperator chance) {

    /** Those of this machine. */
    public static Turns of(Vertx vertx, Ticker ticker) {
      return new Turns(
          ticker, new VertxTimers(vertx), bound -> ThreadLocalRandom.current().nextLong(bound));
    }
  }

  public ControlPlaneIdentity(
      Vertx vertx,
      Address control,
      JoinFiles files,
      Optional<Path> stateFolder,
      IdentityStore store,
      Turns turns) {
    this.vertx = vertx;
    this.control = control;
    this.files = files;
    this.state = stateFolder.map(IdentityState::new);
    this.store = store;
    this.ticker = turns.ticker;
    this.timers = turns.timers;
    this.chance = turns.chance;
    this.client =
        new CertificateClient(vertx, control.host(), control.port(), control.trustDomain());
  }

  @Override
  public Future<WorkloadIdentity> start() {
    Context context = vertx.getOrCreateContext();
    store.onTrust(next -> context.runOnContext(now -> trusted(next)));
    return vertx
        .executeBlocking(this::kept)
        .compose(
            kept -> {
              if (kept.isPresent()) {
                publish(kept.get());
                return Future.succeededFuture(kept.get());
              }
              Promise<WorkloadIdentity> first = Promise.promise();
              join(first, SHORTEST);
              return first.future();
            });
  }

  /** What an earlier run left, unless it has ended or is of another mesh than the token. */
  private Optional<WorkloadIdentity> kept() {
    Optional<WorkloadIdentity> kept =
        state.flatMap(files -> files.read(control.trustDomain())).filter(this::holds);
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

  private Future<WorkloadIdentity> joined() {
    return vertx.executeBlocking(files::read).compose(this::joined);
  }

  private Future<WorkloadIdentity> joined(Credential with) {
    SpiffeId server = SpiffeId.control(control.trustDomain());
    return request(with.token())
        .compose(
            fresh ->
                client.certify(
                    MeshTls.joining(with.roots(), server, ticker), fresh, Optional.of(with)))
        .recover(cause -> Future.failedFuture(with.lasting() ? mended(cause) : cause))
        .onSuccess(certified -> joining = null)
        .compose(this::keeping);
  }

  /** With a token that others renew, what failed now may succeed later. */
  private static Throwable mended(Throwable cause) {
    return cause instanceof Hopeless ? new IllegalStateException(cause.getMessage()) : cause;
  }

  /** One key for each token: an answer that was lost is given again to the same key only. */
  private Future<SigningRequest> request(String token) {
    Joining begun = joining;
    if (begun != null && begun.token.equals(token)) {
      return Future.succeededFuture(begun.request);
    }
    return vertx
        .executeBlocking(SigningRequest::create)
        .onSuccess(fresh -> joining = new Joining(token, fresh));
  }

  /** A token, and the key that shall be certified for it. */
  private record Joining(String token, SigningRequest request) {
    @Override
    public String toString() {
      return "Joining [redacted]";
    }
  }

  private void join(Promise<WorkloadIdentity> first, Duration pause) {
    joined()
        .onSuccess(
            identity -> {
              publish(identity);
              first.tryComplete(identity);
            })
        .onFailure(
            cause -> {
              if (cause instanceof Hopeless || closed) {
                first.tryFail(cause);
              } else {
                LOG.warn(
                    "no identity from {}:{} yet: {}",
                    control.host(),
                    control.port(),
                    cause.getMessage());
                later(jittered(pause), () -> join(first, doubled(pause)));
              }
            });
  }

  private Future<WorkloadIdentity> renewed(WorkloadIdentity own) {
    return vertx
        .executeBlocking(SigningRequest::create)
        .compose(fresh -> client.certify(MeshTls.toControl(own, ticker), fresh, Optional.empty()))
        .compose(this::keeping);
  }

  private Future<WorkloadIdentity> keeping(WorkloadIdentity identity) {
    return vertx
        .executeBlocking(
            () -> {
              keep(identity);
              return identity;
            })
        .otherwise(identity);
  }

  private void keep(WorkloadIdentity identity) {
    if (state.isPresent()) {
      try {
        state.get().write(identity);
      } catch (IOException e) {
        LOG.warn("the identity could not be kept for a restart: {}", e.getMessage());
      }
    }
  }

  /** The control plane may have told of other roots since it answered. */
  private WorkloadIdentity trusting(WorkloadIdentity own) {
    return told.map(trust -> new WorkloadIdentity(own.id(), own.key(), own.chain(), trust.roots()))
        .orElse(own);
  }

  private void trusted(TrustTold next) {
    Optional<WorkloadIdentity> own = store.current();
    if (own.isEmpty() || next.equals(told.orElse(null))) {
      return;
    }
    for (X509Certificate root : next.roots()) {
      if (root.getBasicConstraints() < 0) {
        LOG.error("the control plane tells of a root that is no authority; it is not trusted");
        return;
      }
    }
    told = Optional.of(next);
    if (!Set.copyOf(own.get().roots()).equals(Set.copyOf(next.roots()))) {
      WorkloadIdentity trusting = trusting(own.get());
      store.publish(trusting);
      keeping(trusting)
          .onSuccess(kept -> LOG.info("{} roots are trusted now", next.roots().size()));
    }
    if (!signed(own.get(), next.signer())) {
      LOG.info("certificates are signed by another authority now; this one is renewed soon");
      long wait = chance.applyAsLong(RENEWED_WITHIN.toMillis());
      renewAfter(Duration.ofMillis(Math.max(1, wait)), SHORTEST);
    }
  }

  private static boolean signed(WorkloadIdentity own, X509Certificate signer) {
    try {
      own.leaf().verify(signer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private void publish(WorkloadIdentity fresh) {
    WorkloadIdentity identity = trusting(fresh);
    store.publish(identity);
    long begins = identity.leaf().getNotBefore().toInstant().toEpochMilli();
    long half = (identity.notAfter().toEpochMilli() - begins) / 2;
    long jitter = chance.applyAsLong(half / 50 + 1) - half / 100; // 1 % either way
    long wait = begins + half + jitter - ticker.epochMillis();
    boolean outdated = told.filter(trust -> !signed(identity, trust.signer())).isPresent();
    long soon = outdated ? chance.applyAsLong(RENEWED_WITHIN.toMillis()) : wait;
    renewAfter(Duration.ofMillis(Math.max(1000, soon)), SHORTEST);
  }

  /** In place of what was planned before. */
  private void renewAfter(Duration wait, Duration pause) {
    Timers.Timer before = planned;
    if (before != null) {
      before.cancel();
    }
    if (!closed) {
      planned = timers.after(wait, () -> renew(pause));
    }
  }

  /** A certificate that has ended opens no door: then only a token helps, if there is a new one. */
  private void renew(Duration pause) {
    WorkloadIdentity own = store.current().orElseThrow();
    boolean ended = own.notAfter().toEpochMilli() <= ticker.epochMillis();
    Future<WorkloadIdentity> next = ended ? joined() : renewed(own);
    next.onSuccess(
            renewed -> {
              LOG.info("identity {} renewed", renewed);
              publish(renewed);
            })
        .onFailure(
            cause -> {
              LOG.warn("identity {} not renewed yet: {}", own, cause.getMessage());
              renewAfter(jittered(pause), doubled(pause));
            });
  }

  private void later(Duration pause, Runnable work) {
    if (!closed) {
      timers.after(pause, work);
    }
  }

  private Duration jittered(Duration pause) {
    return pause.plusMillis(chance.applyAsLong(pause.toMillis() / 5 + 1));
  }

  private static Duration doubled(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
