package dev.weft.routing.identity.join;

import dev.weft.routing.clock.Ticker;
import dev.weft.routing.clock.Timers;
import dev.weft.routing.clock.VertxTimers;
import dev.weft.routing.identity.IdentitySource;
import dev.weft.routing.identity.IdentityStore;
import dev.weft.routing.identity.IdentityStore.TrustTold;
import dev.weft.routing.identity.MeshTls;
import dev.weft.routing.identity.SigningRequest;
import dev.weft.routing.identity.SpiffeId;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.routing.identity.join.CertificateClient.Hopeless;
import dev.weft.routing.identity.join.CertificateClient.Later;
import dev.weft.routing.identity.join.JoinFiles.Credential;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.ConnectException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
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
 * token, then, at half of each certificate's life, for the certificate before it, and the token of
 * its ServiceAccount where it has one. Nothing is sent before the server proved to be the control
 * plane under a root that {@link JoinFiles} name.
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
  private static final Duration LOOK = Duration.ofSeconds(10); // at the mounted roots
  private static final Duration JOINS_WITHIN = Duration.ofSeconds(5);
  private static final Duration RENEWED_WITHIN = Duration.ofSeconds(30);

  private final Vertx vertx;
  private final Address control;
  private final JoinFiles files;
  private final KeptIdentity state;
  private final IdentityStore store;
  private final Ticker ticker;
  private final Timers timers;
  private final LongUnaryOperator chance;
  private final CertificateClient client;
  private final MountedRoots mounted;
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
    this.mounted = new MountedRoots(files);
    this.store = store;
    this.ticker = turns.ticker;
    this.state = new KeptIdentity(stateFolder, files, control.trustDomain(), ticker);
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
        .executeBlocking(state::read)
        .compose(
            kept -> {
              if (kept.isPresent()) {
                publish(kept.get());
                return Future.succeededFuture(kept.get());
              }
              Promise<WorkloadIdentity> first = Promise.promise();
              join(first, SHORTEST);
              return first.future();
            })
        .onSuccess(
            own -> {
              if (files.roots().isPresent()) {
                watchRoots();
              }
            });
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
                    MeshTls.joining(with.roots(), server, ticker),
                    fresh,
                    Optional.of(with.token()),
                    with.named()))
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
                    ControlClient.words(cause));
                later(jittered(asked(cause, pause)), () -> join(first, doubled(pause)));
              }
            });
  }

  /**
   * By the certificate before it and, where there is one, the token that others renew. With such a
   * token it joins again where one side may trust the other no more, as after a change of roots
   * that it missed.
   */
  private Future<WorkloadIdentity> renewed(WorkloadIdentity own) {
    return vertx
        .executeBlocking(files::lastingToken)
        .compose(
            token ->
                renewed(own, token)
                    .recover(
                        cause ->
                            token.isPresent() && isOfTrust(cause)
                                ? joinedAgain(cause)
                                : Future.failedFuture(cause)));
  }

  private Future<WorkloadIdentity> renewed(WorkloadIdentity own, Optional<String> token) {
    return vertx
        .executeBlocking(SigningRequest::create)
        .compose(
            fresh ->
                client.certify(
                    MeshTls.toControl(own, ticker), fresh, token, "its certificate is of"))
        .compose(this::keeping);
  }

  /** A connection that breaks may be all that is seen of a certificate that is refused. */
  private static boolean isOfTrust(Throwable cause) {
    return !(cause instanceof Later) && !(cause instanceof ConnectException);
  }

  private Future<WorkloadIdentity> joinedAgain(Throwable cause) {
    LOG.warn("the certificate renews nothing ({}); joining again", ControlClient.words(cause));
    told = Optional.empty(); // by a control plane of before
    return joined();
  }

  private Future<WorkloadIdentity> keeping(WorkloadIdentity identity) {
    return vertx
        .executeBlocking(
            () -> {
              state.keep(identity);
              return identity;
            })
        .otherwise(identity);
  }

  /** The control plane may have told of other roots since it answered. */
  private WorkloadIdentity trusting(WorkloadIdentity own) {
    return told.map(trust -> own.trusting(trust.roots(), trust.revoked().orElseGet(own::revoked)))
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
    WorkloadIdentity trusting = trusting(own.get());
    if (!Set.copyOf(own.get().roots()).equals(Set.copyOf(next.roots()))
        || !own.get().revoked().equals(trusting.revoked())) {
      store.publish(trusting);
      keeping(trusting)
          .onSuccess(
              kept ->
                  LOG.info(
                      "{} roots are trusted now, less {}",
                      next.roots().size(),
                      trusting.revoked()));
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

  /** Renews soon where the mounted roots tell of one that was not known: its news was missed. */
  private void watchRoots() {
    vertx
        .executeBlocking(() -> mounted.tellsOfAnother(store.current().orElseThrow()))
        .onSuccess(
            another -> {
              if (another) {
                LOG.info("another root is trusted than this certificate came with; renewing it");
                long wait = chance.applyAsLong(JOINS_WITHIN.toMillis());
                renewAfter(Duration.ofMillis(Math.max(1, wait)), SHORTEST);
              }
            })
        .onComplete(looked -> later(LOOK, this::watchRoots));
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
              LOG.warn("identity {} not renewed yet: {}", own, ControlClient.words(cause));
              renewAfter(jittered(asked(cause, pause)), doubled(pause));
            });
  }

  private void later(Duration pause, Runnable work) {
    if (!closed) {
      timers.after(pause, work);
    }
  }

  /** The control plane may ask for more patience than is due. */
  private static Duration asked(Throwable cause, Duration pause) {
    return cause instanceof Later later && later.pause().compareTo(pause) > 0
        ? later.pause()
        : pause;
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
