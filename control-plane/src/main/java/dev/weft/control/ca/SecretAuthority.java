package dev.weft.control.ca;

import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.trust.AuthoritySecret;
import dev.weft.kubernetes.trust.AuthoritySecret.Parts;
import dev.weft.kubernetes.trust.ToldRoots;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has an authority sign with what a Secret holds: a root that is made where there is no such
 * Secret, or an intermediate authority that cert-manager or the user gives. The Secret is looked at
 * every five seconds. What cannot be used is told once, and what was used before stays; so does it
 * while the API server does not answer.
 *
 * <p>Nobody trusts what is signed under a root that is new: it is trusted first, beside the old
 * one, and signs once the trust bundle has told of it for long enough that the kubelets have
 * brought it into the pods. Where this begins meanwhile, it has no key of the old one and waits.
 * One that comes without the old one is refused. Belongs to one event loop.
 */
public final class SecretAuthority {

  private static final Logger LOG = LoggerFactory.getLogger(SecretAuthority.class);
  private static final Duration CHECK = Duration.ofSeconds(5);
  private static final long SHORTEST_MILLIS = 500;
  private static final long LONGEST_MILLIS = 8_000;

  private final Vertx vertx;
  private final AuthoritySecret secret;
  private final Supplier<Optional<ToldRoots>> trace;
  private final Duration rootWait;
  private final Ticker ticker;
  private final List<Runnable> listeners = new ArrayList<>();
  private Runnable firstRoots = () -> {};
  private volatile List<X509Certificate> roots = List.of(); // until the Secret was read
  private volatile Optional<Instant> ahead = Optional.empty(); // when such a time was seen
  private String told = "";
  private boolean looking;
  private volatile Optional<Carried> carried = Optional.empty(); // one look after the other

  /**
   * @param trace what shows that there was a root: the trust bundle that pods were told
   * @param rootWait how long that has to tell of a new root before it signs
   */
  public SecretAuthority(
      Vertx vertx,
      AuthoritySecret secret,
      Supplier<Optional<ToldRoots>> trace,
      Duration rootWait,
      Ticker ticker) {
    this.vertx = vertx;
    this.secret = secret;
    this.trace = trace;
    this.rootWait = rootWait;
    this.ticker = ticker;
  }

  /**
   * Waits for the API server as long as it takes, and until pods have had time to learn of the root
   * that is to sign.
   *
   * @param life of workload certificates
   * @return fails with a sentence where the Secret cannot be used
   */
  public Future<CertificateAuthority> open(String trustDomain, Duration life) {
    Promise<Signing> first = Promise.promise();
    open(first, SHORTEST_MILLIS);
    return first
        .future()
        .map(signing -> new CertificateAuthority(signing, trustDomain, life, ticker))
        .onSuccess(authority -> vertx.setPeriodic(CHECK.toMillis(), tick -> look(authority)));
  }

  /** Hears, on the event loop, that the authority signs with something else, or trusts others. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Hears once, on the event loop, that the roots of the mesh are known, before it signs. */
  public void onFirstRoots(Runnable listener) {
    firstRoots = listener;
  }

  /** That are trusted now; empty until they are known. Any thread may ask. */
  public List<X509Certificate> roots() {
    return roots;
  }

  /** What shall sign, and for how long not yet. */
  private record Begun(Signing signing, Duration left) {}

  private void open(Promise<Signing> first, long pause) {
    vertx
        .executeBlocking(this::begun, false)
        .onSuccess(begun -> open(first, begun))
        .onFailure(
            cause -> {
              if (!(cause instanceof KubernetesFailure)) {
                first.fail(secret + ": " + cause.getMessage());
                return;
              }
              tell(String.valueOf(cause.getMessage()));
              long next = Math.min(LONGEST_MILLIS, pause * 2);
              vertx.setTimer(pause, fired -> open(first, next));
            });
  }

  private void open(Promise<Signing> first, Begun begun) {
    boolean known = !roots.isEmpty();
    roots = begun.signing.roots();
    if (!known) {
      firstRoots.run();
    }
    if (begun.left.isZero()) {
      first.complete(begun.signing);
      return;
    }
    if (!known) {
      LOG.info(
          "{} is to sign under a root that pods may not know yet; it does, and this control plane"
              + " serves, once weft-ca-root has told of it for {} s",
          secret,
          rootWait.toSeconds());
    }
    long look = Math.min(CHECK.toMillis(), begun.left.toMillis());
    vertx.setTimer(Math.max(1, look), fired -> open(first, SHORTEST_MILLIS));
  }

  private Begun begun() throws GeneralSecurityException {
    Signing signing = readOrMade();
    return new Begun(signing, trace.get().map(told -> left(signing, told)).orElse(Duration.ZERO));
  }

  /** Nothing of a bundle that is broken counts, since it will be written anew. */
  private Duration left(Signing signing, ToldRoots bundle) {
    if (bundle.broken()) {
      return Duration.ZERO;
    }
    if (!bundle.tells(signing.root())) {
      return rootWait.isZero() ? CHECK : rootWait; // from when it does
    }
    Duration left =
        bundle
            .since(signing.root())
            .map(since -> Duration.between(now(), begin(since).plus(rootWait)))
            .orElse(Duration.ZERO);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** A time to come is of a clock that is wrong: from when it was seen. */
  private Instant begin(Instant since) {
    Instant now = now();
    if (!since.isAfter(now)) {
      return since;
    }
    Instant first = ahead.orElse(now);
    ahead = Optional.of(first);
    return first;
  }

  private Signing readOrMade() throws GeneralSecurityException {
    Optional<Parts> there = secret.read();
    if (there.isEmpty()) {
      if (trace.get().isPresent()) {
        throw new GeneralSecurityException(
            "is missing, but the ConfigMap weft-ca-root shows that there was a root; put the Secret"
                + " back, or delete that ConfigMap in its namespace for a new mesh");
      }
      Signing made = CertificateAuthority.found(ticker);
      Parts parts =
          Parts.ofRoot(
              Pem.certificates(made.roots()), Pem.of("PRIVATE KEY", made.key().getEncoded()));
      if (secret.create(parts)) {
        LOG.info("{} holds a new root", secret);
        return made;
      }
      there = secret.read(); // another replica was faster
    }
    Signing signing =
        Signing.of(
            there.orElseThrow(() -> new KubernetesFailure(secret + " comes and goes")), now());
    requireKnown(signing, trace.get());
    return signing;
  }

  /** As {@link #next} demands it of a control plane that runs, so that all have the same. */
  private static void requireKnown(Signing signing, Optional<ToldRoots> bundle)
      throws GeneralSecurityException {
    if (bundle.isEmpty()) {
      return;
    }
    if (bundle.get().broken()) {
      LOG.warn("the ConfigMap weft-ca-root is broken and will be written anew");
      return;
    }
    List<X509Certificate> before = bundle.get().roots();
    if (before.stream().noneMatch(signing.roots()::contains)) {
      throw new GeneralSecurityException(
          "holds none of the roots that the ConfigMap weft-ca-root tells of; keep the old root beside"
              + " the new one until all workloads have renewed, or delete that ConfigMap in its"
              + " namespace for a new mesh");
    }
  }

  private Instant now() {
    return Instant.ofEpochMilli(ticker.epochMillis());
  }

  private void look(CertificateAuthority authority) {
    if (looking) {
      return; // the API server takes its time
    }
    looking = true;
    vertx
        .executeBlocking(() -> next(authority.signing()), false)
        .onSuccess(next -> next.ifPresentOrElse(signing -> use(authority, signing), this::quiet))
        .onFailure(cause -> tell(words(cause) + "; what was used before stays"))
        .onComplete(done -> looking = false);
  }

  private String words(Throwable cause) {
    return cause instanceof KubernetesFailure
        ? String.valueOf(cause.getMessage())
        : secret + ": " + cause.getMessage();
  }

  /** A root that is to sign, and since when the trust bundle was seen to tell of it. */
  private record Carried(X509Certificate root, Instant since) {}

  /** Whether pods know it, who mount the bundle. */
  private boolean known(X509Certificate root) {
    Optional<ToldRoots> bundle = trace.get().filter(told -> told.tells(root));
    if (bundle.isEmpty()) {
      carried = Optional.empty();
      return false;
    }
    Carried since =
        bundle
            .get()
            .since(root)
            .map(noted -> new Carried(root, begin(noted)))
            .or(() -> carried.filter(seen -> seen.root.equals(root)))
            .orElseGet(() -> new Carried(root, now()));
    if (carried.isEmpty() || !carried.get().equals(since)) {
      LOG.info("weft-ca-root tells of a new root; it signs in {} s", rootWait.toSeconds());
    }
    carried = Optional.of(since);
    return !now().isBefore(since.since.plus(rootWait));
  }

  /** Empty where nothing changed. */
  private Optional<Signing> next(Signing now) throws GeneralSecurityException {
    Parts parts =
        secret
            .read()
            .orElseThrow(() -> new KubernetesFailure(secret + ": there is no such Secret"));
    Signing next = Signing.of(parts, now());
    if (next.equals(now)) {
      return Optional.empty();
    }
    if (next.root().equals(now.root())) {
      return Optional.of(next);
    }
    boolean trusted = now.roots().contains(next.root());
    if (trusted && known(next.root())) {
      return Optional.of(next);
    }
    if (!trusted && !next.roots().contains(now.root())) {
      throw new GeneralSecurityException(
          parts.certificate().key()
              + " is under a root that no workload trusts yet, and the old root is gone; keep it in "
              + parts.roots().key()
              + " beside the new one until all workloads have renewed");
    }
    List<X509Certificate> roots = next.roots().contains(now.root()) ? next.roots() : now.roots();
    return Optional.of(now.until(next, roots)).filter(waits -> !waits.equals(now));
  }

  private void use(CertificateAuthority authority, Signing next) {
    quiet();
    authority.replace(next);
    roots = next.roots();
    LOG.info(
        "{}: signs as {} now, and {} roots are trusted",
        secret,
        next.signer().getSubjectX500Principal(),
        next.roots().size());
    listeners.forEach(Runnable::run);
  }

  private void quiet() {
    told = "";
  }

  private void tell(String sentence) {
    if (!sentence.equals(told)) {
      told = sentence;
      LOG.warn("{}", sentence);
    }
  }
}
