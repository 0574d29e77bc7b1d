package dev.weft.kubernetes.istio;

import dev.weft.config.ConfigDocument;
import dev.weft.kubernetes.ApiFailures;
import dev.weft.kubernetes.DaemonThread;
import dev.weft.kubernetes.KubernetesApi;
import dev.weft.kubernetes.watch.Watched;
import dev.weft.kubernetes.watch.Watches;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Istio's resources of all namespaces or of one, each a unit. Which kinds there are is asked before
 * anything is told, and again after a while: definitions may be installed later, and that there is
 * none is no trouble. What was read of a kind stays while it is watched, whatever is said of kinds.
 *
 * <p>Asks on a thread of its own; all else is on that of the watches.
 */
public final class IstioResources implements AutoCloseable {

  /** How often it is looked which kinds there are. */
  public static final Duration LOOK = Duration.ofSeconds(30);

  private static final Duration SOON = Duration.ofSeconds(2); // after a failure
  private static final long PAGE = 500;

  /** Looks that do not find a kind: an API server that starts denies what it has. */
  private static final int ABSENT = 3;

  private static final String GRANT =
      "get, list and watch on the resources of networking.istio.io, security.istio.io and"
          + " telemetry.istio.io";

  private final KubernetesApi api;
  private final String source;
  private final Optional<String> namespace;
  private final Duration again;
  private final Watches watches;
  private final Runnable known; // opens the gate
  private final ScheduledThreadPoolExecutor asking;
  private volatile Optional<ScheduledFuture<?>> next = Optional.empty();

  // below: only on the thread of the watches
  private final Map<IstioKind, Watched<GenericKubernetesResource>> watched = new HashMap<>();
  private final Map<IstioKind, Integer> absent = new HashMap<>(); // looks that did not find it
  private final Set<Seen> stale = new HashSet<>();
  private final Map<String, ConfigDocument> told = new HashMap<>(); // by unit
  private String trouble = "";
  private boolean first = true;

  /** A resource to look at. */
  private record Seen(IstioKind kind, String namespace, String name) {}

  /**
   * @param source for people
   * @param namespace empty for all
   * @param again how often it is looked which kinds there are, e.g. {@link #LOOK}
   * @param watches that tell nothing before the kinds are known
   */
  public IstioResources(
      KubernetesApi api,
      String source,
      Optional<String> namespace,
      Duration again,
      Watches watches) {
    this.api = api;
    this.source = source;
    this.namespace = namespace;
    this.again = again;
    this.watches = watches;
    this.known = watches.gate();
    this.asking = DaemonThread.named("weft-" + source + "-kinds");
  }

  /** Begins to ask. */
  public void start() {
    asking.execute(this::ask);
  }

  private void ask() {
    Duration pause = again;
    try {
      List<IstioKind> installed = IstioKind.installed(api);
      watches.onThread(() -> installed(installed));
    } catch (RuntimeException failure) {
      pause = watches.left().compareTo(SOON) > 0 ? watches.left() : SOON;
      String sentence =
          ApiFailures.sentence(source + " (kinds of resources)", GRANT, api.server(), failure);
      watches.onThread(() -> fail(sentence));
    }
    if (!asking.isShutdown()) {
      next = Optional.of(asking.schedule(this::ask, pause.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private void fail(String sentence) {
    if (!sentence.equals(trouble)) {
      trouble = sentence;
      watches.say(sentence);
    }
  }

  private void installed(List<IstioKind> installed) {
    trouble = "";
    Map.copyOf(watched)
        .forEach(
            (kind, watch) -> {
              Optional<IstioKind> now = installed.stream().filter(kind::sameBut).findFirst();
              if (now.isPresent()) {
                absent.remove(kind);
              }
              boolean gone = now.isEmpty() && absent.merge(kind, 1, Integer::sum) >= ABSENT;
              boolean another = now.isPresent() && !now.get().equals(kind); // version
              if (!watch.watching() && (gone || another)) {
                absent.remove(kind);
                watched.remove(kind);
                watches.remove(watch);
              }
            });
    for (IstioKind kind : installed) {
      if (watched.keySet().stream().noneMatch(kind::sameBut)) {
        watched.put(kind, watch(kind));
      }
    }
    if (first) {
      first = false;
      known.run();
    }
  }

  private Watched<GenericKubernetesResource> watch(IstioKind kind) {
    var all = api.client().genericKubernetesResources(kind.context());
    return watches.addNow(
        () ->
            namespace.isPresent()
                ? all.inNamespace(namespace.get()).withLimit(PAGE).runnableInformer(0)
                : all.inAnyNamespace().withLimit(PAGE).runnableInformer(0),
        one ->
            stale.add(
                new Seen(kind, one.getMetadata().getNamespace(), one.getMetadata().getName())),
        failure ->
            ApiFailures.sentence(
                source + " (" + kind.plural() + ")", GRANT, api.server(), failure));
  }

  /**
   * Looks at what changed.
   *
   * @param news gets the units that are others now; one without texts is gone
   */
  public void look(Map<String, List<ConfigDocument>> news) {
    for (Seen seen : stale) {
      String unit = seen.kind.kind() + " " + seen.namespace + "/" + seen.name;
      Optional<ConfigDocument> now = document(seen);
      if (now.isEmpty()) {
        if (told.remove(unit) != null) {
          news.put(unit, List.of());
        }
      } else if (!now.get().equals(told.put(unit, now.get()))) {
        news.put(unit, List.of(now.get()));
      }
    }
    stale.clear();
  }

  private Optional<ConfigDocument> document(Seen seen) {
    return Optional.ofNullable(watched.get(seen.kind))
        .map(all -> all.known().getByKey(seen.namespace + "/" + seen.name))
        .map(
            one ->
                IstioUnit.of(new JsonObject(Serialization.asJson(one)), seen.namespace, seen.name));
  }

  /** Ends the asking. */
  @Override
  public void close() {
    next.ifPresent(later -> later.cancel(false));
    asking.shutdownNow();
  }
}
