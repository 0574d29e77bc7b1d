package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.KubernetesApi;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of several control planes does what only one may do: the holder of a Lease. A holder that
 * dies is followed after 15 seconds, one that ends in order at once; one that cannot renew it for
 * ten seconds leads no more. Any thread may ask.
 *
 * <p>Source: Lease of {@code coordination.k8s.io/v1}, with the times of Kubernetes' own components.
 */
public final class Leadership implements BooleanSupplier, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RENEW_WITHIN = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(2);
  private static final Duration RELEASE_WITHIN = Duration.ofSeconds(2);

  private final KubernetesApi api;
  private final LeaderElectionConfig election;
  private final ScheduledThreadPoolExecutor thread;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean leads;
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<?> running;
  private volatile @Nullable ScheduledFuture<?> again;

  /**
   * @param namespace of the Lease
   * @param name of the Lease
   * @param holder this process, unlike any other
   */
  public Leadership(KubernetesApi api, String namespace, String name, String holder) {
    this.api = api;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "weft-leadership");
              made.setDaemon(true);
              return made;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.election =
        new LeaderElectionConfigBuilder()
            .withName(name)
            .withLock(new LeaseLock(namespace, name, holder))
            .withLeaseDuration(LEASE)
            .withRenewDeadline(RENEW_WITHIN)
            .withRetryPeriod(RETRY)
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(
                new LeaderCallbacks(
                    () -> now(true),
                    () -> now(false),
                    next -> LOG.info("{} leads the control planes", next)))
            .build();
  }

  /** Hears, on a thread of this, that this process leads now. */
  public void onLeading(Runnable listener) {
    listeners.add(listener);
  }

  /** Takes part from now on. */
  public void start() {
    CompletableFuture<?> begun = api.client().leaderElector().withConfig(election).build().start();
    running = begun;
    Future.fromCompletionStage(begun).onComplete(ended -> over());
  }

  /** Lost, or never got: another try, unless it was given back. */
  private void over() {
    now(false);
    if (!closed) {
      again = thread.schedule(this::start, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Whether this process leads now. */
  @Override
  public boolean getAsBoolean() {
    return leads;
  }

  private void now(boolean leading) {
    if (leads != leading) {
      leads = leading;
      LOG.info("this control plane leads {}", leading ? "now" : "no more");
      if (leading) {
        listeners.forEach(Runnable::run);
      }
    }
  }

  /** Gives the Lease back. Not for event loops. */
  @Override
  public void close() {
    closed = true;
    for (java.util.concurrent.Future<?> one : Arrays.asList(again, running)) {
      if (one != null) {
        one.cancel(true);
      }
    }
    thread.shutdown(); // what gives it back runs there
    try {
      if (!thread.awaitTermination(RELEASE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
