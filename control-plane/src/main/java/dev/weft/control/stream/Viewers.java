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

  private final Optional<PodLabels> pods;
  private final Duration patience;
  private final WorkerExecutor workers;

  /**
   * @param pods empty where there is no cluster
   * @param patience with the API server
   */
  public Viewers(Vertx vertx, Optional<PodLabels> pods, Duration patience) {
    this.pods = pods;
    this.patience = patience;
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
    return workers
        .executeBlocking(() -> labels(caller, pod(caller).orElseThrow()), false)
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .map(labels -> new Viewer(any.namespace(), Optional.of(labels)))
        .recover(
            cause -> {
              if (cause instanceof KubernetesFailure || cause instanceof TimeoutException) {
                LOG.warn("labels of {} are not known yet: {}", caller.id(), cause.getMessage());
                return Future.succeededFuture(any);
              }
              return Future.failedFuture(cause);
            });
  }

  private Map<String, String> labels(Caller caller, Pod pod) throws CertificateException {
    return pods.orElseThrow()
        .of(caller.id().namespace(), pod)
        .orElseThrow(
            () ->
                new CertificateException(
                    "the pod " + pod.name() + " that the certificate was issued to is gone"));
  }

  private static Optional<Pod> pod(Caller caller) {
    return AccountSubject.of(caller.leaf()).flatMap(AccountSubject::pod);
  }
}
