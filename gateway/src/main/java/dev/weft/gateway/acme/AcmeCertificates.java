package dev.weft.gateway.acme;

import dev.weft.config.model.settings.Acme;
import dev.weft.config.model.settings.Acme.Certificate;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.CertificateFaults;
import dev.weft.routing.identity.CertificateFaults.Kind;
import dev.weft.routing.verticle.edge.IssuedCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Obtains the certificates that the configuration asks for, one after the other on a thread of its
 * own, and again before they end. What was obtained is in files, from which a restart shows it
 * before any authority is asked. A failure is in the log with its reason and among the faults until
 * it is over, and tried again later; what there is goes on being shown. Any thread may enter.
 */
public final class AcmeCertificates implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AcmeCertificates.class);

  private static final String NOWHERE = "no certificate is obtained without --state-dir";

  private final IssuedCertificates issued;
  private final CertificateFaults faults;
  private final Optional<Path> folder;
  private final Ticker ticker;
  private final Pauses pauses;
  private final DoubleSupplier draws;
  private final ScheduledThreadPoolExecutor thread;
  private Acme wanted = Acme.NONE; // of the thread, as all below
  private final Map<String, Future<?>> next = new HashMap<>(); // by credential
  private final Map<String, Integer> failures = new HashMap<>(); // one after the other

  /**
   * How long nothing is tried after a failure.
   *
   * @param first after one; five failures an hour are what authorities bear
   * @param longest however many there were
   */
  public record Pauses(Duration first, Duration longest) {

    public static final Pauses DEFAULT = new Pauses(Duration.ofMinutes(5), Duration.ofHours(12));
  }

  /**
   * @param stateDir where keys and certificates are kept; nothing is obtained without
   * @param draws even, from 0 up to 1
   */
  public AcmeCertificates(
      IssuedCertificates issued,
      CertificateFaults faults,
      Optional<Path> stateDir,
      Ticker ticker,
      Pauses pauses,
      DoubleSupplier draws) {
    this.issued = issued;
    this.faults = faults;
    this.folder = stateDir.map(dir -> dir.resolve("acme"));
    this.ticker = ticker;
    this.pauses = pauses;
    this.draws = draws;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread own = new Thread(task, "weft-acme");
              own.setDaemon(true);
              return own;
            });
    thread.setRemoveOnCancelPolicy(true);
  }

  /** From now on these are wanted; returns at once. */
  public void want(Acme settings) {
    thread.execute(() -> adopt(settings));
  }

  private void adopt(Acme settings) {
    if (settings.equals(wanted)) {
      return;
    }
    wanted = settings;
    next.values().forEach(task -> task.cancel(false));
    next.clear();
    failures.clear();
    Set<String> credentials =
        settings.certificates().stream()
            .map(Certificate::credential)
            .collect(Collectors.toUnmodifiableSet());
    issued.retain(credentials);
    faults.retain(Kind.ACME, settings.wanted() ? credentials : Set.of());
    if (settings.wanted() && folder.isEmpty()) {
      LOG.error("ProxySettings acme: {}", NOWHERE);
      credentials.forEach(one -> faults.begin(Kind.ACME, one, NOWHERE));
      return;
    }
    for (Certificate one : settings.wanted() ? settings.certificates() : List.<Certificate>of()) {
      Optional<Obtained> before =
          files().read(one.credential()).filter(held -> held.serves(one.hosts(), now()));
      before.ifPresent(held -> show(one, held));
      later(one, before.map(this::untilRenewal).orElse(Duration.ZERO));
    }
  }

  private AcmeFiles files() {
    return new AcmeFiles(folder.orElseThrow());
  }

  private Instant now() {
    return Instant.ofEpochMilli(ticker.epochMillis());
  }

  private Duration untilRenewal(Obtained held) {
    Duration left =
        Duration.between(now(), Renewal.of(held.begin(), held.end(), draws.getAsDouble()));
    return left.isNegative() ? Duration.ZERO : left;
  }

  private void show(Certificate one, Obtained held) {
    issued.publish(one.credential(), held.chainPem(), held.keyPem());
  }

  private void later(Certificate one, Duration pause) {
    next.put(
        one.credential(),
        thread.schedule(() -> obtain(one), pause.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void obtain(Certificate one) {
    Duration pause;
    try {
      String authority = URI.create(wanted.directory()).getHost();
      Obtained held =
          new AcmeAuthority(wanted, files().account(authority), issued).obtain(one.hosts(), now());
      files().write(one.credential(), held);
      show(one, held);
      failures.remove(one.credential());
      faults.end(Kind.ACME, one.credential());
      LOG.info("certificate {} for {} until {}", one.credential(), one.hosts(), held.end());
      pause = untilRenewal(held);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (AcmeException | GeneralSecurityException | IOException | RuntimeException e) {
      pause = failed(one, e);
    }
    later(one, pause);
  }

  private Duration failed(Certificate one, Exception cause) {
    int times = failures.merge(one.credential(), 1, Integer::sum);
    Duration pause = Renewal.pause(times, pauses.first(), pauses.longest(), draws.getAsDouble());
    Duration asked =
        cause instanceof AcmeRateLimitedException limited
            ? limited.getRetryAfter().map(when -> Duration.between(now(), when)).orElse(pause)
            : pause;
    Duration longer = asked.compareTo(pause) > 0 ? asked : pause;
    String why = sentence(cause);
    faults.begin(Kind.ACME, one.credential(), why);
    LOG.warn(
        "certificate {} at {} is not obtained from {}: {}; again in {} s",
        one.credential(),
        one.place(),
        wanted.directory(),
        why,
        longer.toSeconds());
    return longer;
  }

  /** What went wrong, down to its cause: a failed connection says nothing by itself. */
  private static String sentence(Throwable failure) {
    StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
    Throwable cause = failure.getCause();
    while (cause != null) {
      String more =
          cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
      if (text.indexOf(more) < 0) {
        text.append(": ").append(more);
      }
      cause = cause.getCause();
    }
    return text.toString();
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
