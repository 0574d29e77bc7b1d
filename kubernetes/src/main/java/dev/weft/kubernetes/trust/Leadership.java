package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.DaemonThread;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.routing.clock.Ticker;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectorBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final Ticker ticker;
  private volatile boolean holds;
  private volatile long renewed; // ticker's nanos before it was asked for, while it holds
  private volatile boolean closed;
  private volatile @Nullable CompletableFuture<?> running;
  private volatile @Nullable ScheduledFuture<?> again;

  /**
   * @param namespace of the Lease
   * @param name of the Lease
   * @param holder this process, unlike any other
   */
  public Leadership(
      KubernetesApi api, String namespace, String name, String holder, Ticker ticker) {
    this.api = api;
    this.ticker = ticker;
    this.thread = DaemonThread.named("weft-leadership");
    this.election =
        new LeaderElectionConfigBuilder()
            .withName(name)
            .withLock(new NotedLock(new LeaseLock(namespace, name, holder)))
            .withLeaseDuration(LEASE)
            .withRenewDeadline(RENEW_WITHIN)
            .withRetryPeriod(RETRY)
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(
                new LeaderCallbacks(
                    this::leading,
                    this::over,
                    next -> LOG.info("{} leads the control planes", next)))
            .build();
  }

  /** Hears, on a thread of this, that this process leads now. */
  public void onLeading(Runnable listener) {
    listeners.add(listener);
  }

  /** Takes part from now on. */
  public void start() {
    CompletableFuture<?> begun =
        new LeaderElectorBuilder(api.client(), thread).withConfig(election).build().start();
    running = begun;
    Future.fromCompletionStage(begun).onComplete(ended -> again());
  }

  /** Lost, or never got: another try, unless it was given back. */
  private void again() {
    over();
    if (!closed) {
      again = thread.schedule(this::start, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Whether this process leads now: nobody else can hold what was renewed this lately. */
  @Override
  public boolean getAsBoolean() {
    return holds && ticker.nanos() - renewed < RENEW_WITHIN.toNanos();
  }

  private void leading() {
    LOG.info("this control plane leads now");
    listeners.forEach(Runnable::run);
  }

  private void over() {
    if (holds) {
      holds = false;
      LOG.info("this control plane leads no more");
    }
  }

  /** Gives the Lease back. Not for event loops. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    over();
    try {
      thread.submit(this::giveBack).get(RELEASE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException kept) {
      LOG.warn("the Lease was not given back; it ends by itself");
    } finally {
      thread.shutdownNow();
    }
  }

  private void giveBack() {
    for (java.util.concurrent.Future<?> one : Arrays.asList(again, running)) {
      if (one != null) {
        one.cancel(true);
      }
    }
  }

  /**
   * Tells of the Lease as it is written: the elector itself says that it is lost only after it was
   * given back, when another may hold it already.
   */
  private final class NotedLock implements Lock {

    private final Lock lease;

    NotedLock(Lock lease) {
      this.lease = lease;
    }

    @Override
    public LeaderElectionRecord get(KubernetesClient client) {
      return api.call(() -> lease.get(client));
    }

    @Override
    public void create(KubernetesClient client, LeaderElectionRecord next) {
      write(next, () -> lease.create(client, next));
    }

    @Override
    public void update(KubernetesClient client, LeaderElectionRecord next) {
      write(next, () -> lease.update(client, next));
    }

    private void write(LeaderElectionRecord next, Runnable written) {
      boolean ours = identity().equals(next.getHolderIdentity());
      if (!ours) {
        over();
      }
      long asked = ticker.nanos();
      api.call(
          () -> {
            written.run();
            return next;
          });
      if (ours && !closed) {
        renewed = asked;
        holds = true;
      }
    }

    @Override
    public String identity() {
      return lease.identity();
    }

    @Override
    public String describe() {
      return lease.describe();
    }
  }
}
