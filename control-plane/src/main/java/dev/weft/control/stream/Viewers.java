package dev.weft.control.stream;

import dev.weft.control.ca.AccountSubject;
import dev.weft.control.issue.Callers.Caller;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.kubernetes.trust.PodLabels;
import dev.weft.kubernetes.trust.TokenReviews.Pod;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells who a caller is to the scope of its configuration: the pod that its certificate names, with
 * the labels that the API server knows of it. Nothing that a proxy says counts. An API server that
 * is away or slow holds nobody up: without labels a proxy sees what any of its namespace may. Event
 * loops may enter.
 */
public final class Viewers {

  private static final Logger LOG = LoggerFactory.getLogger(Viewers.class);
  private static final int AT_ONCE = 4; // questions, on threads of their own
  private static final int MOST_WAITING = 1_000;
  private static final long PAUSE_MILLIS = 1_000; // after a failure nobody asks

  private final Optional<PodLabels> pods;
  private final Duration patience;
  private final Vertx vertx;
  private final WorkerExecutor workers;
  private final AtomicInteger waiting = new AtomicInteger(); // for an answer, or for a thread
  private volatile boolean pausing;
  private volatile String said = "";

  /**
   * @param pods empty where there is no cluster
   * @param patience with the API server
   */
  public Viewers(Vertx vertx, Optional<PodLabels> pods, Duration patience) {
    this.pods = pods;
    this.patience = patience;
    this.vertx = vertx;
    this.workers = vertx.createSharedWorkerExecutor("weft-pods", AT_ONCE);
  }

  /** Whether {@link #of} may find labels. */
  boolean knows(Caller caller) {
    return pods.isPresent() && pod(caller).isPresent();
  }

  /**
   * @return after its patience at most; fails with {@link CertificateException} where its pod is
   *     gone
   */
  Future<Viewer> of(Caller caller) {
    Viewer any = new Viewer(caller.id().namespace(), Optional.empty());
    if (!knows(caller)) {
      return Future.succeededFuture(any);
    }
    if (pausing || waiting.get() >= MOST_WAITING) {
      return Future.succeededFuture(any); // it is looked again
    }
    waiting.incrementAndGet();
    return workers
        .executeBlocking(() -> asked(caller), false)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .map(labels -> new Viewer(any.namespace(), Optional.of(labels)))
        .recover(
            cause -> {
              if (cause instanceof KubernetesFailure || cause instanceof TimeoutException) {
                say(caller, String.valueOf(cause.getMessage()));
                return Future.succeededFuture(any);
              }
              return Future.failedFuture(cause);
            });
  }

  /** Once for the same trouble, whoever has it. */
  private void say(Caller caller, String trouble) {
    if (!trouble.equals(said)) {
      said = trouble;
      LOG.warn("labels of {}, and maybe of others, are not known yet: {}", caller.id(), trouble);
    }
  }

  private Map<String, String> asked(Caller caller) throws CertificateException {
    try {
      if (pausing) {
        throw new KubernetesFailure("it did not answer a moment ago");
      }
      Map<String, String> labels = labels(caller, pod(caller).orElseThrow());
      said = "";
      return labels;
    } catch (KubernetesFailure failure) {
      pause();
      throw failure;
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Of all who failed meanwhile one pauses. */
  private void pause() {
    if (!pausing) {
      pausing = true;
      vertx.setTimer(PAUSE_MILLIS, over -> pausing = false);
    }
  }

  private Map<String, String> labels(Caller caller, Pod pod) throws CertificateException {
    return pods.orElseThrow()
        .of(caller.id().namespace(), pod)
        .orElseThrow(
            () ->
                new CertificateException(
                    "the pod " + pod.name() + " that the certificate was issued to is gone"));
  }

  /** The pod that a certificate was issued to. */
  static Optional<Pod> pod(Caller caller) {
    return AccountSubject.of(caller.leaf()).flatMap(AccountSubject::pod);
  }
}
