package dev.weft.kubernetes.trust;

import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.DaemonThread;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.KubernetesFailure;
import dev.weft.routing.clock.Ticker;
import dev.weft.routing.identity.Pem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.Future;
import java.net.HttpURLConnection;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ConfigMap {@code weft-ca-root} of every namespace, from which pods learn whom to trust when
 * they join. It is written where a namespace is new, and where it was changed or deleted, by the
 * one control plane that leads. The namespaces of Kubernetes itself get none.
 */
public final class TrustBundle implements AutoCloseable {

  /** The ConfigMap's name. */
  public static final String NAME = "weft-ca-root";

  /** Its key; the value is PEM. */
  public static final String KEY = "root-cert.pem";

  /** Its annotation: since when it tells of roots that it did not tell of at first. */
  static final String SINCE = "weft.dev/roots-since";

  private static final Logger LOG = LoggerFactory.getLogger(TrustBundle.class);
  private static final String GRANT =
      "list and watch on namespaces, and get, list, watch, create and update on configmaps";
  private static final Set<String> OF_KUBERNETES =
      Set.of("kube-system", "kube-public", "kube-node-lease");
  private static final Duration CHECK = Duration.ofSeconds(10);

  private final KubernetesApi api;
  private final Supplier<List<X509Certificate>> roots;
  private final BooleanSupplier leads;
  private final Ticker ticker;
  private final ScheduledThreadPoolExecutor thread;
  private final SharedIndexInformer<Namespace> namespaces;
  private final SharedIndexInformer<ConfigMap> bundles;
  private volatile @Nullable ScheduledFuture<?> checks;
  private String told = ""; // only on the thread

  /**
   * @param roots that are trusted now
   * @param leads whether this process is the one that writes, now
   */
  public TrustBundle(
      KubernetesApi api,
      Supplier<List<X509Certificate>> roots,
      BooleanSupplier leads,
      Ticker ticker) {
    this.api = api;
    this.ticker = ticker;
    this.roots = roots;
    this.leads = leads;
    this.thread = DaemonThread.named("weft-trust-bundle");
    this.namespaces =
        api.client()
            .namespaces()
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> heard(failure))
            .addEventHandler(new Events<>(one -> one.getMetadata().getName()));
    this.bundles =
        api.client()
            .configMaps()
            .inAnyNamespace()
            .withField("metadata.name", NAME)
            .runnableInformer(0)
            .exceptionHandler((started, failure) -> heard(failure))
            .addEventHandler(new Events<>(one -> one.getMetadata().getNamespace()));
  }

  /**
   * What a namespace was told, by whoever wrote it.
   *
   * @throws KubernetesFailure where the API server does not tell
   */
  public static Optional<ToldRoots> read(KubernetesApi api, String namespace) {
    try {
      ConfigMap found =
          api.call(() -> api.client().configMaps().inNamespace(namespace).withName(NAME).get());
      return Optional.ofNullable(found).flatMap(TrustBundle::told);
    } catch (RuntimeException failure) {
      throw new KubernetesFailure(
          ApiFailures.sentence(
              "ConfigMap " + namespace + "/" + NAME, GRANT, api.server(), failure));
    }
  }

  private static Optional<ToldRoots> told(ConfigMap bundle) {
    Map<String, String> data = bundle.getData();
    return Optional.ofNullable(data == null ? null : data.get(KEY))
        .map(pem -> ToldRoots.of(pem, annotations(bundle).get(SINCE)));
  }

  private static Map<String, String> annotations(ConfigMap bundle) {
    Map<String, String> all = bundle.getMetadata().getAnnotations();
    return all == null ? Map.of() : all;
  }

  /** Keeps them from now on. What fails is told once, and tried again every ten seconds. */
  public void start() {
    Future.all(
            Future.fromCompletionStage(namespaces.start()),
            Future.fromCompletionStage(bundles.start()))
        .onSuccess(known -> changed());
    checks =
        thread.scheduleWithFixedDelay(this::keepAll, 0, CHECK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The roots are others now. */
  public void changed() {
    onThread(this::keepAll);
  }

  @Override
  public void close() {
    ScheduledFuture<?> last = checks;
    if (last != null) {
      last.cancel(false);
    }
    namespaces.stop();
    bundles.stop();
    thread.shutdownNow();
  }

  private boolean heard(Throwable failure) {
    onThread(() -> tell(ApiFailures.sentence("trust bundle", GRANT, api.server(), failure)));
    return true; // goes on trying
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException over) {
      LOG.debug("trust bundle: closed");
    }
  }

  private void keepAll() {
    if (!namespaces.hasSynced() || !bundles.hasSynced()) {
      return;
    }
    namespaces.getStore().list().forEach(one -> keep(one.getMetadata().getName()));
  }

  private void keep(String namespace) {
    if (!leads.getAsBoolean() || !bundles.hasSynced() || !wants(namespace)) {
      return;
    }
    List<X509Certificate> told = roots.get();
    Map<String, String> data = Map.of(KEY, Pem.certificates(told));
    ConfigMap now = bundles.getStore().getByKey(namespace + "/" + NAME);
    if (now != null && Objects.equals(now.getData(), data)) {
      return;
    }
    try {
      if (now == null) {
        create(namespace, data);
      } else {
        update(now, data, told);
      }
      this.told = "";
      LOG.info("{} of {} is right now", NAME, namespace);
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT) { // an event tells what is there
        tell(ApiFailures.sentence(NAME + " of " + namespace, GRANT, api.server(), failure));
      }
    } catch (RuntimeException failure) {
      tell(ApiFailures.sentence(NAME + " of " + namespace, GRANT, api.server(), failure));
    }
  }

  private void create(String namespace, Map<String, String> data) {
    ConfigMap fresh =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(NAME)
            .endMetadata()
            .withData(data)
            .build();
    api.call(() -> api.client().resource(fresh).create());
  }

  /** Over what was seen alone: who wrote in between has its answer looked at first. */
  private void update(ConfigMap now, Map<String, String> data, List<X509Certificate> next) {
    Instant time = Instant.ofEpochMilli(ticker.epochMillis());
    String since = told(now).map(before -> before.since(next, time)).orElse("");
    ConfigMapBuilder changed = new ConfigMapBuilder(now).withData(data); // with resourceVersion
    if (since.isEmpty()) {
      changed.editMetadata().removeFromAnnotations(SINCE).endMetadata();
    } else {
      changed.editMetadata().addToAnnotations(SINCE, since).endMetadata();
    }
    api.call(() -> api.client().resource(changed.build()).update());
  }

  private boolean wants(String namespace) {
    Namespace known = namespaces.getStore().getByKey(namespace);
    return known != null
        && known.getMetadata().getDeletionTimestamp() == null
        && !OF_KUBERNETES.contains(namespace);
  }

  private void tell(String sentence) {
    if (!sentence.equals(told)) {
      told = sentence;
      LOG.warn("{}", sentence);
    }
  }

  /** Every event means the same: look at that namespace. */
  private final class Events<T> implements ResourceEventHandler<T> {

    private final Function<T, String> namespace;

    Events(Function<T, String> namespace) {
      this.namespace = namespace;
    }

    @Override
    public void onAdd(T added) {
      look(added);
    }

    @Override
    public void onUpdate(T before, T after) {
      look(after);
    }

    @Override
    public void onDelete(T deleted, boolean stale) {
      look(deleted);
    }

    private void look(T object) {
      String name = namespace.apply(object);
      onThread(() -> keep(name));
    }
  }
}
